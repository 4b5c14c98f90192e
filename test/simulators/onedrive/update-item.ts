import type { ItemFields } from '../cloud-tree/cloud-tree.ts'
import { currentRevision, type Item } from '../cloud-tree/item.ts'
import type { Json } from './answer.ts'
import { checkAccess } from './authorize.ts'
import { GraphError, invalid } from './graph-error.ts'
import { type Behavior, behaviorOf, findPlace } from './place.ts'
import type { Call, Drive } from './service.ts'
import { memberOf, textOf, timeOf } from './shape.ts'
import { nextVersion } from './version-number.ts'

/**
 * The folder that a reference names, by id or by path.
 * @throws invalidRequest when it names none
 */
export function referredFolder(
  call: Call,
  reference: Json,
  usual: Drive,
): { readonly drive: Drive; readonly folder: Item } {
  const { tree, drives } = call.service
  const [id, path] = [textOf(reference, 'id'), textOf(reference, 'path')]
  const driveId = textOf(reference, 'driveId') ?? /^\/drives\/([^/]+)\//.exec(path ?? '')?.[1]
  const drive = driveId === undefined ? usual : drives.find((each) => each.id.toLowerCase() === driveId.toLowerCase())
  if (drive === undefined) throw new GraphError('itemNotFound')
  const found = id === undefined ? byPath(call, drive, path) : id === 'root' ? tree.need(drive.root) : tree.get(id)
  if (!found || tree.rootOf(found.id) !== drive.root || tree.isTrashed(found.id)) throw new GraphError('itemNotFound')
  if (found.kind !== 'folder') throw invalid('The parent is not a folder.')
  checkAccess(call.service, call.caller, 'write', drive, found)
  return { drive, folder: found }
}

function byPath({ service: { tree } }: Call, drive: Drive, path: string | undefined): Item | undefined {
  const [, names] = /^\/drives?(?:\/[^/]+)?\/root(?::\/?(.*))?$/.exec(path ?? '') ?? [undefined, undefined]
  if (path === undefined) throw invalid('parentReference must have an id or a path.')
  if (!/^\/drives?(?:\/[^/]+)?\/root/.test(path))
    throw invalid('The path of parentReference is not valid.', 'invalidPath')
  const segments = (names ?? '').split('/').filter((name) => name !== '')
  return tree.at(drive.root, segments.map(decodeURIComponent))
}

/** Name, place, times and description, of `PATCH`. */
export function updateItem(call: Call, drive: Drive, item: Item, body: Json): Item {
  const { service } = call
  const { tree } = service
  const behavior = behaviorOf(textOf(body, '@microsoft.graph.conflictBehavior'), 'fail')
  const info = memberOf(body, 'fileSystemInfo')
  const modified = timeOf(info, 'lastModifiedDateTime')
  const description = textOf(body, 'description')
  if (description !== undefined && drive.type !== 'personal')
    throw invalid('The property description can only be changed on OneDrive Personal.', 'propertyNotUpdateable')
  const fields: ItemFields = {
    ...moved(call, drive, item, body, behavior),
    created: timeOf(info, 'createdDateTime'),
    modified,
    facts: description === undefined ? {} : { description },
  }
  const content = currentRevision(item)
  // SharePoint keeps a version of a file for each change of its time.
  if (modified !== undefined && content && drive.type !== 'personal' && modified !== item.modified)
    tree.write(item.id, content.bytes, { modified, revisionFacts: { version: nextVersion(item) } })
  return tree.update(item.id, fields)
}

function moved(call: Call, drive: Drive, item: Item, body: Json, behavior: Behavior): ItemFields {
  const { service } = call
  const reference = memberOf(body, 'parentReference')
  const name = textOf(body, 'name') ?? item.name
  if (reference === undefined && name === item.name) return {}
  if (item.id === drive.root)
    throw new GraphError('accessDenied', { message: 'The root of a drive cannot be renamed or moved.' })
  const parent = service.tree.need(item.parents[0] ?? drive.root)
  const to = reference ? referredFolder(call, reference, drive) : { drive, folder: parent }
  if (to.drive !== drive) throw invalid("Items can't be moved between Drives using this request.")
  if (service.tree.isWithin(to.folder.id, item.id)) throw invalid('A folder cannot be moved into itself.')
  const place = findPlace(service, to.folder, name, behavior, item)
  if (place.taken) service.tree.update(place.taken.id, { trashed: true })
  return { name: place.name, parents: [to.folder.id] }
}
