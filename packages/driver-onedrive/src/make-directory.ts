import type { Operation, TreePlace } from '@filegate/core'
import { addressOf, itemPath } from './address.ts'
import { childOf } from './children.ts'
import { askForItem, type Connection } from './connection.ts'
import { isNameTaken } from './errors.ts'
import type { OneDriveItem } from './item.ts'

/** Makes a directory; one that somebody else makes at the same time will do as well. */
export async function makeDirectory(
  connection: Connection,
  place: TreePlace,
  { signal }: Operation,
): Promise<OneDriveItem> {
  const parent = addressOf(place.directory)
  const body = { name: place.name, folder: {}, '@microsoft.graph.conflictBehavior': 'fail' }
  try {
    const call = { method: 'POST', path: `${itemPath(parent)}/children`, body, signal } as const
    return await askForItem(connection, parent.drive, call)
  } catch (error) {
    if (!isNameTaken(error)) throw error
    const [there] = await childOf(connection, place, { signal })
    if (there?.facts.kind === 'directory') return there
    throw error
  }
}
