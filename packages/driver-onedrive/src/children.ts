import type { ListOptions, Operation, Page, TreePlace, TreeWay } from '@filegate/core'
import { addressOf, childPath, idOf, isPossibleName, itemPath, wayPath } from './address.ts'
import { askForItem, type Connection, isHidden, shownItems } from './connection.ts'
import { itemPage, listedProperties } from './drive-item.ts'
import { isElsewhere, isMissing } from './errors.ts'
import type { OneDriveItem } from './item.ts'
import { nextPage, queryOfPage } from './next-page.ts'

/** A page of what a directory holds. */
export async function childrenOf(
  connection: Connection,
  directory: string,
  { cursor, limit, signal }: ListOptions,
): Promise<Page<OneDriveItem>> {
  const { graph, options } = connection
  const address = addressOf(directory)
  const answer = await graph.json({
    method: 'GET',
    path: `${itemPath(address)}/children`,
    query: {
      $top: Math.max(1, Math.min(limit ?? options.list_chunk, options.list_chunk)),
      $select: listedProperties,
      ...queryOfPage(cursor),
    },
    signal,
  })
  const page = itemPage.parse(answer)
  return { items: shownItems(page.value, address.drive, connection), cursor: nextPage(page['@odata.nextLink'], cursor) }
}

/**
 * What lies in a directory under a name: one item or none.
 * @throws an answer that is missing when the directory itself is not there any more
 */
export async function childOf(
  connection: Connection,
  place: TreePlace,
  { signal }: Operation,
): Promise<readonly OneDriveItem[]> {
  const { graph, cloud, drive } = connection
  const directory = addressOf(place.directory)
  if (!isPossibleName(place.name)) return []
  try {
    const call = { method: 'GET', path: childPath(directory, place.name, cloud), signal } as const
    const item = await askForItem(connection, directory.drive, call)
    return isHidden(item, connection) ? [] : [item]
  } catch (error) {
    if (!isMissing(error)) throw error
    // The same is said of what stands in no directory at all. The root is always there.
    if (idOf(directory) !== drive.root.id) {
      await graph.json({ method: 'GET', path: itemPath(directory), query: { $select: 'id' }, signal })
    }
    return []
  }
}

/**
 * What lies further down, in one request. `undefined` where the service does not find it so, as all that others share, and for what
 * leads there: how that was reached has to be known step by step.
 */
export async function descendantOf(
  connection: Connection,
  { directory, names }: TreeWay,
  { signal }: Operation,
): Promise<OneDriveItem | undefined> {
  if (!names.every(isPossibleName)) return undefined
  const from = addressOf(directory)
  try {
    const item = await askForItem(connection, from.drive, { method: 'GET', path: wayPath(from, names), signal })
    return isHidden(item, connection) || item.id !== idOf(item.own) ? undefined : item
  } catch (error) {
    if (isElsewhere(error)) return undefined
    throw error
  }
}
