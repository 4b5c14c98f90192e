import type { Address } from './address.ts'
import type { Answer } from './answer.ts'
import { type Access, checkAccess } from './authorize.ts'
import { getContent, getContentStream, putContent } from './content.ts'
import { copyItem } from './copies.ts'
import { delta } from './delta.ts'
import { GraphError } from './graph-error.ts'
import {
  createChild,
  deleteItem,
  getDrive,
  getItem,
  listChildren,
  listDrives,
  listThumbnails,
  patchItem,
  permanentDelete,
} from './items.ts'
import { createLink, deletePermission, getPermission, invite, listPermissions, patchPermission } from './permissions.ts'
import { checkQuery } from './query.ts'
import type { Call, Drive, Target } from './service.ts'
import { getShare, sharedWithMe } from './shared.ts'
import { createUploadSession } from './upload-session.ts'
import { deleteVersion, getVersion, getVersionContent, listVersions, restoreVersion } from './versions.ts'

type Result = Answer | Promise<Answer>

interface Operation {
  readonly name: string
  readonly method: string
  /** What stands after the item; `*` is a key. */
  readonly tail: string
  readonly access: Access
  readonly query?: readonly string[]
  readonly run: (call: Call, target: Target, key: string) => Result
}

const shape = ['$select', '$expand']
const paging = ['$top', '$skiptoken', '$orderby']
const conflict = '@microsoft.graph.conflictBehavior'

const operations: readonly Operation[] = [
  { name: 'get item', method: 'GET', tail: '', access: 'read', query: shape, run: getItem },
  { name: 'update item', method: 'PATCH', tail: '', access: 'write', query: shape, run: patchItem },
  { name: 'delete item', method: 'DELETE', tail: '', access: 'write', run: deleteItem },
  { name: 'permanently delete', method: 'POST', tail: 'permanentDelete', access: 'write', run: permanentDelete },
  {
    name: 'list children',
    method: 'GET',
    tail: 'children',
    access: 'read',
    query: [...shape, ...paging],
    run: listChildren,
  },
  { name: 'create folder', method: 'POST', tail: 'children', access: 'write', query: shape, run: createChild },
  { name: 'download', method: 'GET', tail: 'content', access: 'read', query: ['AVOverride'], run: getContent },
  { name: 'download stream', method: 'GET', tail: 'contentStream', access: 'read', run: getContentStream },
  { name: 'upload', method: 'PUT', tail: 'content', access: 'write', query: [...shape, conflict], run: putContent },
  {
    name: 'create upload session',
    method: 'POST',
    tail: 'createUploadSession',
    access: 'write',
    run: createUploadSession,
  },
  { name: 'copy', method: 'POST', tail: 'copy', access: 'read', query: [conflict], run: copyItem },
  { name: 'thumbnails', method: 'GET', tail: 'thumbnails', access: 'read', query: ['$select'], run: listThumbnails },
  {
    name: 'list versions',
    method: 'GET',
    tail: 'versions',
    access: 'read',
    query: ['$select', '$top'],
    run: listVersions,
  },
  { name: 'get version', method: 'GET', tail: 'versions/*', access: 'read', query: ['$select'], run: getVersion },
  { name: 'delete version', method: 'DELETE', tail: 'versions/*', access: 'write', run: deleteVersion },
  { name: 'download version', method: 'GET', tail: 'versions/*/content', access: 'read', run: getVersionContent },
  { name: 'restore version', method: 'POST', tail: 'versions/*/restoreVersion', access: 'write', run: restoreVersion },
  {
    name: 'list permissions',
    method: 'GET',
    tail: 'permissions',
    access: 'read',
    query: ['$select'],
    run: listPermissions,
  },
  {
    name: 'get permission',
    method: 'GET',
    tail: 'permissions/*',
    access: 'read',
    query: ['$select'],
    run: getPermission,
  },
  { name: 'update permission', method: 'PATCH', tail: 'permissions/*', access: 'write', run: patchPermission },
  { name: 'delete permission', method: 'DELETE', tail: 'permissions/*', access: 'write', run: deletePermission },
  { name: 'invite', method: 'POST', tail: 'invite', access: 'write', run: invite },
  { name: 'create link', method: 'POST', tail: 'createLink', access: 'write', run: createLink },
]

const deltaQuery = ['$select', '$expand', '$top', '$skiptoken', 'token']

/** What a request is, before it is known whether it may be. */
export interface Planned {
  readonly name: string
  readonly run: () => Result
}

/** @throws GraphError when there is no such operation */
export function plan(call: Call, address: Address): Planned {
  if (address.kind === 'drives') return only(call, 'list drives', ['$select'], () => listDrives(call))
  if (address.kind === 'drive') return ofDrive(call, address.drive, address.tail)
  if (address.kind === 'share')
    return only(call, 'get share', ['$expand', '$select'], () => getShare(call, address.target, address.shareId))
  return ofItem(call, address.target, address.tail)
}

/** Those that only read. */
function only(call: Call, name: string, query: readonly string[], run: () => Result): Planned {
  if (call.method !== 'GET') throw new GraphError('notAllowed')
  checkQuery(call.query, query)
  return { name, run }
}

function ofDrive(call: Call, drive: Drive, tail: readonly string[]): Planned {
  const [head = ''] = tail
  const root: Target = { drive, item: call.service.tree.need(drive.root), place: undefined }
  const reading = (run: () => Result) => () => {
    checkAccess(call.service, call.caller, 'read', drive)
    return run()
  }
  if (tail.length === 0)
    return only(
      call,
      'get drive',
      ['$select', '$expand'],
      reading(() => getDrive(call, drive)),
    )
  if (/^(?:microsoft\.graph\.)?sharedWithMe(?:\(\))?$/.test(head) && tail.length === 1)
    return only(
      call,
      'shared with me',
      ['allowexternal', '$select', '$top'],
      reading(() => sharedWithMe(call)),
    )
  // The feed of a drive is also that of its root.
  if (head.startsWith('delta')) return ofItem(call, root, tail)
  throw new GraphError('BadRequest', { message: `Resource not found for the segment '${head}'.` })
}

function ofItem(call: Call, target: Target, tail: readonly string[]): Planned {
  const allowed = (access: Access): void => {
    if (target.byLink) return
    checkAccess(call.service, call.caller, access, target.drive, target.item ?? target.place?.parent)
  }
  const [, token] = /^delta(?:\((?:token=)?'?([^')]*)'?\))?$/.exec(tail[0] ?? '') ?? []
  if (tail.length === 1 && /^delta(?:\(|$)/.test(tail[0] ?? ''))
    return only(call, 'delta', deltaQuery, () => {
      allowed('read')
      return delta(call, target, token)
    })
  const there = operations.filter((operation) => fits(operation.tail, tail))
  const found = there.find(({ method }) => method === call.method)
  if (there.length === 0)
    throw new GraphError('BadRequest', { message: `Resource not found for the segment '${tail[0] ?? ''}'.` })
  if (found === undefined) throw new GraphError('notAllowed')
  checkQuery(call.query, found.query ?? [])
  return {
    name: found.name,
    run: () => {
      allowed(found.access)
      return found.run(call, target, tail[1] ?? '')
    },
  }
}

function fits(pattern: string, tail: readonly string[]): boolean {
  const parts = pattern === '' ? [] : pattern.split('/')
  return parts.length === tail.length && parts.every((part, place) => part === '*' || part === tail[place])
}
