import { type ModifiedOptions, type Operation, StorageError, type TreePlace } from '@filegate/core'
import { addressOf, idOf, itemPath } from './address.ts'
import { askForItem, type Connection } from './connection.ts'
import { copyItem } from './copy-item.ts'
import { type OneDriveItem, timesOf } from './item.ts'
import { removeOldVersions } from './versions.ts'

/** Into the recycle bin, or for good. What others share only leaves this drive. */
export async function removeItem(
  { graph, options }: Connection,
  { own }: OneDriveItem,
  { signal }: Operation,
): Promise<void> {
  if (options.hard_delete) await graph.done({ method: 'POST', path: `${itemPath(own)}/permanentDelete`, signal })
  else await graph.done({ method: 'DELETE', path: itemPath(own), signal })
}

/** Between drives, by copying; inside one, in one call. */
export async function moveItem(
  connection: Connection,
  item: OneDriveItem,
  place: TreePlace,
  { signal }: Operation,
): Promise<OneDriveItem> {
  const to = addressOf(place.directory)
  if (to.drive !== item.own.drive) {
    if (item.id !== idOf(item.own)) {
      throw new StorageError('Unsupported', 'What somebody shares cannot be moved into what somebody else shares.')
    }
    const copy = await copyItem(connection, item, place, { signal })
    await removeItem(connection, item, { signal })
    return copy
  }
  const body = { name: place.name, parentReference: { id: to.item } }
  const call = { method: 'PATCH', path: itemPath(item.own), body, signal } as const
  return askForItem(connection, item.own.drive, call)
}

export async function setModified(
  connection: Connection,
  item: OneDriveItem,
  { modified, signal }: ModifiedOptions,
): Promise<OneDriveItem> {
  const address = addressOf(item.id)
  const call = { method: 'PATCH', path: itemPath(address), body: timesOf(modified), signal } as const
  const changed = await askForItem(connection, address.drive, call)
  // Drives of organizations take another time for another version.
  if (connection.options.no_versions && item.facts.kind === 'file') {
    await removeOldVersions(connection, address, { signal })
  }
  return { ...changed, own: item.own, facts: { ...changed.facts, name: item.facts.name } }
}
