import { randomUUID } from 'node:crypto'
import { type Answer, versionHeaders } from './answer.ts'
import { createContent } from './content.ts'
import { endCopy } from './copying.ts'
import { replaceableAt } from './file.ts'
import { now } from './file-time.ts'
import { checkLease } from './lease.ts'
import type { Scene } from './operations.ts'
import { booleanHeader, metadataOf, requiredHeader, type ServiceRequest } from './request.ts'
import { invalidHeader, ServiceError } from './service-error.ts'
import { applySmbProperties, refuseReadOnly } from './smb-properties.ts'
import { sourceFile } from './source.ts'
import { attach, createFileNode, fileAt, type FileNode } from './tree.ts'

export function copyFile(scene: Scene): Answer {
  const { request, copyDelay } = scene
  const url = requiredHeader(request, 'x-ms-copy-source')
  const source = sourceFile(scene, url)
  const { parent, name, existing } = replaceableAt(scene)
  // The reference calls it so in one place, and the other way in another.
  const ignored = ['x-ms-file-copy-ignore-readonly', 'x-ms-file-copy-ignore-read-only']
  if (existing && !ignored.some((header) => booleanHeader(request, header))) refuseReadOnly(existing)
  const file = createFileNode(existing?.name ?? name, parent, source.content.size)
  file.headers = source.headers
  file.metadata = metadataOf(request) ?? source.metadata
  file.lease = existing?.lease
  copySmbProperties(file, source, request)
  const pending = copyDelay > 0
  file.copy = {
    id: randomUUID(),
    source: url.replace(/\?.*$/s, ''),
    status: pending ? 'pending' : 'success',
    result: source.content.copy(),
    remaining: copyDelay,
    completed: pending ? undefined : now(),
  }
  file.content = pending ? createContent(source.content.size) : file.copy.result
  attach(parent, file)
  const state = { 'x-ms-copy-id': file.copy.id, 'x-ms-copy-status': file.copy.status }
  return { status: 202, headers: { ...versionHeaders(file), ...state } }
}

/** Each of these may say `source`. */
function copySmbProperties(file: FileNode, source: FileNode, request: ServiceRequest): void {
  const fromSource = (name: string) => request.header(name)?.toLowerCase() === 'source'
  const taken = {
    'x-ms-file-attributes': () => (file.attributes = source.attributes),
    'x-ms-file-creation-time': () => (file.created = source.created),
    'x-ms-file-last-write-time': () => (file.written = source.written),
    'x-ms-file-change-time': () => (file.changed = source.changed),
  }
  const copied = Object.keys(taken).filter(fromSource)
  const rest: ServiceRequest = {
    ...request,
    // Copying has no properties that must be said.
    version: '2021-06-08',
    header: (name) => (copied.includes(name) ? undefined : request.header(name)),
  }
  applySmbProperties(file, rest, 'creation')
  for (const [name, take] of Object.entries(taken)) if (fromSource(name)) take()
  if (booleanHeader(request, 'x-ms-file-copy-set-archive') && !file.attributes.includes('Archive'))
    file.attributes = [...file.attributes, 'Archive']
  const mode = request.header('x-ms-file-permission-copy-mode')
  if (mode !== undefined && !/^(?:source|override)$/i.test(mode))
    throw invalidHeader('x-ms-file-permission-copy-mode', mode)
}

export function abortCopy({ share, path, request }: Scene): Answer {
  const action = requiredHeader(request, 'x-ms-copy-action')
  if (action.toLowerCase() !== 'abort') throw invalidHeader('x-ms-copy-action', action)
  const file = fileAt(share, path)
  checkLease(file, request)
  if (file.copy?.status !== 'pending') throw new ServiceError('NoPendingCopyOperation')
  if (file.copy.id !== request.parameter('copyid')) throw new ServiceError('InvalidInput')
  endCopy(file)
  return { status: 204 }
}
