import { type ChangesSince, type Operation, pathOfNames, type StoragePath, type TreePlace } from '@filegate/core'
import { z } from 'zod'
import { addressOf, drivePath, idOf } from './address.ts'
import type { Connection } from './connection.ts'
import { type DriveItem, itemPage, listedProperties } from './drive-item.ts'
import { isExpired } from './errors.ts'
import type { OneDriveItem } from './item.ts'
import { nextPage, queryOfPage } from './next-page.ts'
import type { Place, Places } from './places.ts'

/** So many pages of changes are not worth reading: what is remembered is asked for anew in less. */
const mostPages = 3

const changesPage = itemPage.extend({ '@odata.deltaLink': z.string().nullish() })

interface Feed extends Connection {
  readonly places: Places
}

/** Whether there is a list of the changes of all that is shown, what others share aside. */
export const hasFeed = ({ cloud, drive }: Connection): boolean =>
  cloud.listsChanges && drive.root.own.drive === drive.id

/** Takes down where an item was found. */
export function notePlace({ drive, places }: Feed, { directory, name }: TreePlace, item: OneDriveItem): void {
  const parent = addressOf(directory)
  if (parent.drive !== drive.id) return
  places.note(item.own.item, { parent: parent.item, name })
  if (item.id !== idOf(item.own)) places.noteShared(item.own.item)
}

/** Takes down what was found in one step over directories that were not seen themselves. */
export function noteWay({ drive, places }: Feed, { own, parent, facts }: OneDriveItem): void {
  if (own.drive !== drive.id) return
  if (parent !== undefined) places.note(own.item, { parent, name: facts.name })
  places.skipped()
}

/** What changed since a cursor, by the list of changes of the drive: https://learn.microsoft.com/graph/api/driveitem-delta. */
export async function changesSince(
  feed: Feed,
  cursor: string | undefined,
  { signal }: Operation,
): Promise<ChangesSince> {
  if (cursor === undefined) return { cursor: await latest(feed, { signal }), paths: [] }
  const changed: DriveItem[] = []
  let at = cursor
  for (let pages = 0; pages < mostPages; pages++) {
    const page = await pageFrom(feed, at, { signal })
    if (!page) break
    changed.push(...page.value)
    const next = nextPage(page['@odata.nextLink'])
    if (next === undefined) return { cursor: nextPage(page['@odata.deltaLink']) ?? at, paths: touched(feed, changed) }
    at = next
  }
  return { cursor: await latest(feed, { signal }), paths: 'all' }
}

/** `undefined` where the service does not know the cursor any more. */
async function pageFrom(
  { graph, drive, options }: Feed,
  cursor: string,
  { signal }: Operation,
): Promise<z.output<typeof changesPage> | undefined> {
  const query = { $top: options.list_chunk, $select: listedProperties, ...queryOfPage(cursor) }
  try {
    const answer = await graph.json({ method: 'GET', path: `${drivePath(drive.id)}/root/delta`, query, signal })
    return changesPage.parse(answer)
  } catch (error) {
    if (isExpired(error)) return undefined
    throw error
  }
}

async function latest({ graph, drive }: Feed, { signal }: Operation): Promise<string> {
  const path = `${drivePath(drive.id)}/root/delta`
  const answer = await graph.json({ method: 'GET', path, query: { token: 'latest' }, signal })
  return nextPage(changesPage.parse(answer)['@odata.deltaLink']) ?? 'token=latest'
}

/** The paths at which something is, or was, that changed. */
function touched(feed: Feed, changed: readonly DriveItem[]): readonly StoragePath[] | 'all' {
  const { places } = feed
  const top = changed.find(({ root }) => root)?.id
  const parents = new Set(changed.map(({ parentReference }) => parentReference?.id))
  const unknown = new Set(changed.filter(({ id }) => places.of(id).length === 0).map(({ id }) => id))
  const isHole = (item: DriveItem): boolean => unknown.has(item.id) && mayHaveBeenSeen(places, item)
  if (changed.some(isHole)) {
    for (const item of changed) note(places, item)
    return 'all'
  }
  for (const item of changed) note(places, item)
  const paths = new Set<StoragePath>()
  for (const item of changed) {
    // Directories around what changed are told of, too.
    const isAround = item.folder && !item.deleted && parents.has(item.id) && !unknown.has(item.id)
    const known = places.of(item.id).slice(isAround ? 1 : 0)
    for (const place of known) {
      const path = pathTo(feed, place, top)
      if (path === 'unknown') return 'all'
      if (path !== 'outside') paths.add(path)
    }
  }
  for (const id of places.shared) {
    const [place] = places.of(id)
    const path = place ? pathTo(feed, place, top) : 'outside'
    if (path !== 'outside' && path !== 'unknown') paths.add(path)
  }
  return [...paths]
}

/** Whether something may have been under a path that is remembered, although nothing is known of where it was. */
const mayHaveBeenSeen = ({ lacks }: Places, { file, root }: DriveItem): boolean =>
  !root && (lacks === 'any' || (lacks === 'directories' && !file))

function note(places: Places, { id, name, parentReference, deleted, root, remoteItem }: DriveItem): void {
  const parent = parentReference?.id
  if (root || deleted || !parent || !name) return
  places.note(id, { parent, name })
  if (remoteItem) places.noteShared(id)
}

/** @param top the root of the drive, where that is known; below it, but not below ours, is outside */
function pathTo(
  { drive, places }: Feed,
  { parent, name }: Place,
  top: string | undefined,
): StoragePath | 'outside' | 'unknown' {
  const names = [name]
  const seen = new Set<string>()
  let at = parent
  while (at !== drive.root.own.item) {
    if (at === top) return 'outside'
    const [above] = places.of(at)
    if (!above || seen.has(at)) return 'unknown'
    seen.add(at)
    names.unshift(above.name)
    at = above.parent
  }
  return pathOfNames(names)
}
