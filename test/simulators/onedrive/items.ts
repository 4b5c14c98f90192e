import type { Item } from '../cloud-tree/item.ts'
import { type Answer, type Json, noContent, ok } from './answer.ts'
import { driveResource } from './drive-resource.ts'
import { GraphError, invalid } from './graph-error.ts'
import { itemResource, type View } from './item-resource.ts'
import { behaviorOf, checkConditions, checkLock, findPlace, folderOf, isUnchanged, itemOf, viewOf } from './place.ts'
import { makeToken, pageSizeOf, readPagingToken } from './query.ts'
import { readJson, readNothing } from './read-body.ts'
import { driveProperties, itemProperties, selected } from './select.ts'
import type { Call, Drive, Target } from './service.ts'
import {
  conflictBehavior,
  fileSystemInfo,
  itemReference,
  memberOf,
  object,
  text,
  textOf,
  timeOf,
  whole,
} from './shape.ts'
import { thumbnailsOf } from './thumbnails.ts'
import { updateItem } from './update-item.ts'

const itemType = 'microsoft.graph.driveItem'

/** With what `$select` and `$expand` ask for. */
export function shown(call: Call, view: View, item: Item, withPath = true): Json {
  const expand = call.query.get('$expand')?.split(',') ?? []
  const unknown = expand.find((name) => !['thumbnails', 'children'].includes(name.trim()))
  if (unknown !== undefined)
    throw invalid(
      `Parsing OData Select and Expand failed: Could not find a property named '${unknown}' on type '${itemType}'.`,
    )
  const resource = {
    ...selected(itemResource(view, item, withPath), call.query.get('$select'), itemProperties, itemType),
    ...(expand.includes('thumbnails') && { thumbnails: thumbnailsOf(view, item) }),
    ...(expand.includes('children') && {
      children: view.service.tree.children(item.id).map((child) => itemResource(view, child)),
    }),
  }
  return resource
}

const context = ({ cloud }: Call, drive: Drive): Json => ({
  '@odata.context': `https://${cloud.graph}/v1.0/$metadata#drives('${encodeURIComponent(drive.id)}')/items/$entity`,
})

export const itemAnswer = (call: Call, target: Target, item: Item, status = 200): Answer => ({
  status,
  json: { ...context(call, target.drive), ...shown(call, viewOf(call, target), item) },
})

export function getDrive(call: Call, drive: Drive): Answer {
  const resource = driveResource(viewOf(call, { drive }))
  return ok(selected(resource, call.query.get('$select'), driveProperties, 'microsoft.graph.drive'))
}

/** Those of the user and the libraries that everybody has. */
export function listDrives(call: Call): Answer {
  const { service, caller } = call
  const mine = service.drives.filter(({ type, owner }) => type === 'documentLibrary' || owner === caller.user)
  const value = mine.map((drive) =>
    selected(
      driveResource(viewOf(call, { drive })),
      call.query.get('$select'),
      driveProperties,
      'microsoft.graph.drive',
    ),
  )
  return ok({ value })
}

export function getItem(call: Call, target: Target): Answer {
  const item = itemOf(target)
  if (isUnchanged(call, target)) return { status: 304 }
  return itemAnswer(call, target, item)
}

const orders: Readonly<Record<string, (first: Item, second: Item) => number>> = {
  name: (first, second) => (first.name.toLowerCase() < second.name.toLowerCase() ? -1 : 1),
  lastModifiedDateTime: (first, second) => first.modified - second.modified,
}

function sorted(items: readonly Item[], orderby: string | undefined): readonly Item[] {
  const [property = 'name', direction = 'asc'] = orderby?.trim().split(/\s+/) ?? []
  const order = orders[property]
  if (order === undefined || !['asc', 'desc'].includes(direction))
    throw invalid(`Sorting by '${orderby ?? ''}' is not supported.`, 'invalidQueryOption')
  return items.toSorted((first, second) => (direction === 'asc' ? order(first, second) : order(second, first)))
}

export function listChildren(call: Call, target: Target): Answer {
  const folder = folderOf(target)
  const { query, service, url } = call
  const skip = query.get('$skiptoken')
  const token = skip === undefined ? undefined : readPagingToken(skip)
  if (skip !== undefined && token?.get('folder') !== folder.id)
    throw invalid('The skip token is not valid.', 'invalidStartIndex')
  const from = Number(token?.get('from') ?? 0)
  const size = pageSizeOf(query, service.pageSize)
  const all = sorted(service.tree.children(folder.id), query.get('$orderby'))
  const next = new URL(url)
  next.searchParams.delete('skiptoken')
  next.searchParams.set('$skiptoken', makeToken({ folder: folder.id, from: from + size }))
  return ok({
    '@odata.context': `https://${call.cloud.graph}/v1.0/$metadata#Collection(driveItem)`,
    '@odata.count': all.length,
    value: all.slice(from, from + size).map((item) => shown(call, viewOf(call, target), item)),
    ...(from + size < all.length && { '@odata.nextLink': next.href }),
  })
}

const newFolder = {
  name: text,
  folder: object('microsoft.graph.folder', { childCount: whole, view: object('microsoft.graph.folderView', {}) }),
  description: text,
  fileSystemInfo,
  '@microsoft.graph.conflictBehavior': conflictBehavior,
  // What it was called before Graph; still taken.
  '@name.conflictBehavior': conflictBehavior,
}

/** `POST children`: a folder. */
export async function createChild(call: Call, target: Target): Promise<Answer> {
  const parent = folderOf(target)
  checkLock(parent)
  const body = await readJson(call.incoming, itemType, newFolder)
  const name = textOf(body, 'name')
  if (name === undefined) throw invalid('The name in the provided oneDrive item is empty or invalid.')
  if (memberOf(body, 'folder') === undefined) throw invalid('Cannot create an item that is no folder without content.')
  const { service } = call
  const behavior = behaviorOf(
    textOf(body, '@microsoft.graph.conflictBehavior') ?? textOf(body, '@name.conflictBehavior'),
    'fail',
  )
  const place = findPlace(service, parent, name, behavior)
  if (place.taken) {
    if (place.taken.kind === 'file') throw new GraphError('nameAlreadyExists')
    return itemAnswer(call, target, place.taken)
  }
  const info = memberOf(body, 'fileSystemInfo')
  service.makeIdsFor(target.drive)
  const made = service.tree.addFolder({
    name: place.name,
    parents: [parent.id],
    created: timeOf(info, 'createdDateTime'),
    modified: timeOf(info, 'lastModifiedDateTime'),
    facts: { description: textOf(body, 'description') },
  })
  return itemAnswer(call, target, made, 201)
}

const changes = {
  name: text,
  parentReference: itemReference,
  fileSystemInfo,
  description: text,
  '@microsoft.graph.conflictBehavior': conflictBehavior,
}

export async function patchItem(call: Call, target: Target): Promise<Answer> {
  const item = itemOf(target)
  checkConditions(call, target)
  checkLock(item)
  const body = await readJson(call.incoming, itemType, changes)
  return itemAnswer(call, target, updateItem(call, target.drive, item, body))
}

function checkRemovable(call: Call, target: Target): Item {
  const item = itemOf(target)
  checkConditions(call, target)
  if (item.id === target.drive.root)
    throw new GraphError('accessDenied', { message: 'The root of a drive cannot be deleted.' })
  for (const each of call.service.tree.below(item.id)) checkLock(each)
  return item
}

/** Into the recycle bin. */
export function deleteItem(call: Call, target: Target): Answer {
  call.service.tree.update(checkRemovable(call, target).id, { trashed: true })
  return noContent
}

export async function permanentDelete(call: Call, target: Target): Promise<Answer> {
  await readNothing(call.incoming)
  if (target.drive.type === 'personal')
    throw new GraphError('notSupported', { message: 'permanentDelete is not supported on OneDrive Personal.' })
  call.service.tree.remove(checkRemovable(call, target).id)
  return noContent
}

export function listThumbnails(call: Call, target: Target): Answer {
  return ok({ value: thumbnailsOf(viewOf(call, target), itemOf(target)) })
}
