import { type ListOptions, type Operation, StorageError, type TreeFound } from '@filegate/core'
import { addressOf, drivePath, idOf, itemPath } from './address.ts'
import { childrenOf } from './children.ts'
import { type Connection, isHidden } from './connection.ts'
import { type DriveItem, driveItem, itemPage, listedProperties } from './drive-item.ts'
import { itemOf, type OneDriveItem } from './item.ts'
import { strangeAnswer } from './json-answer.ts'
import { nextPage, queryOfPage } from './next-page.ts'

type Found = TreeFound<OneDriveItem>

/** A page of changes, from a token on or the first one, or a page of a folder that somebody else shares. */
export type Step = { readonly changes: string } | { readonly folder: number; readonly cursor?: string | undefined }

export interface Stepped {
  readonly found: readonly Found[]
  readonly next?: Step | undefined
}

/** A directory of the drive: below the one that is walked it has names between, elsewhere none. */
interface Known {
  readonly within?: readonly string[] | undefined
}

/** What has to be remembered from page to page. It grows with the directories, and by an id with each file. */
export interface Walk {
  readonly directory: string
  readonly known: Map<string, Known>
  /** In which step an item was given out: the service may tell of one more than once. */
  readonly given: Map<string, string>
  /** Folders that are listed one by one, in the order of their turns. */
  readonly folders: Map<string, { readonly id: string; readonly within: readonly string[] }>
  /** The ids of these, by their turns. */
  readonly turns: string[]
}

export async function newWalk(connection: Connection, directory: string, { signal }: Operation): Promise<Walk> {
  const { drive, graph } = connection
  const address = addressOf(directory)
  const walk: Walk = {
    directory,
    known: new Map([[address.item, { within: [] }]]),
    given: new Map(),
    folders: new Map(),
    turns: [],
  }
  if (address.drive !== drive.root.own.drive) later(walk, directory, [])
  // The list of changes says nothing of a directory that is not there any more.
  else if (directory !== drive.root.id) {
    await graph.json({ method: 'GET', path: itemPath(address), query: { $select: 'id' }, signal })
  }
  return walk
}

export const stepOf = (connection: Connection, walk: Walk, step: Step, options: ListOptions): Promise<Stepped> =>
  'changes' in step ? changes(connection, walk, step, options) : folder(connection, walk, step, options)

async function changes(
  connection: Connection,
  walk: Walk,
  step: { readonly changes: string },
  { signal }: Operation,
): Promise<Stepped> {
  const { graph, drive, options } = connection
  const home = drive.root.own.drive
  const token = step.changes === '' ? undefined : step.changes
  const answer = await graph.json({
    method: 'GET',
    path: `${drivePath(home)}/root/delta`,
    query: { $top: options.list_chunk, $select: listedProperties, ...queryOfPage(token) },
    signal,
  })
  const page = itemPage.parse(answer)
  const found: Found[] = []
  for (const raw of page.value) found.push(...(await foundIn(connection, walk, raw, { signal })))
  const next = nextPage(page['@odata.nextLink'], token)
  if (next !== undefined) return { found: fresh(walk, found, step), next: { changes: next } }
  return { found: fresh(walk, found, step), next: walk.turns.length > 0 ? { folder: 0 } : undefined }
}

/** What an item of the list means below the directory: itself, after directories above that did not come up before. */
async function foundIn(
  connection: Connection,
  walk: Walk,
  raw: DriveItem,
  options: Pick<Placing, 'signal' | 'asked'>,
): Promise<Found[]> {
  if (raw.deleted || raw.root || walk.known.get(raw.id)?.within?.length === 0) return []
  const above: Found[] = []
  const within = await placeOf(connection, walk, raw.parentReference?.id ?? undefined, { ...options, above })
  const item = itemOf(raw, connection.drive.root.own.drive, connection.options)
  const isShown = within !== undefined && !isHidden(item, connection)
  if (raw.folder || raw.package) {
    const open = isShown && item.facts.kind === 'directory'
    if (!walk.known.has(raw.id)) walk.known.set(raw.id, { within: open ? [...within, item.facts.name] : undefined })
  }
  if (!isShown) return above
  const isShared = item.id !== idOf(item.own) && item.facts.kind === 'directory'
  if (isShared) later(walk, item.id, [...within, item.facts.name])
  return [...above, { item, within }]
}

interface Placing extends Operation {
  /** Takes the directories that had to be asked for. */
  readonly above: Found[]
  /** Asked for on the way up. An answer that names one of them as what is around it makes no sense. */
  readonly asked?: readonly string[] | undefined
}

/** The names between, to a directory of that id; `undefined` where it is not below the one that is walked. */
async function placeOf(
  connection: Connection,
  walk: Walk,
  id: string | undefined,
  placing: Placing,
): Promise<readonly string[] | undefined> {
  const home = connection.drive.root.own.drive
  if (id === undefined) return undefined
  const known = walk.known.get(id)
  if (known) return known.within
  const { asked = [] } = placing
  if (asked.includes(id)) throw new StorageError('Unexpected', strangeAnswer)
  const call = {
    method: 'GET',
    path: itemPath({ drive: home, item: id }),
    query: { $select: listedProperties },
  } as const
  const raw = driveItem.parse(await connection.graph.json({ ...call, signal: placing.signal }))
  if (raw.root) {
    walk.known.set(id, {})
    return undefined
  }
  placing.above.push(...(await foundIn(connection, walk, raw, { ...placing, asked: [...asked, id] })))
  return walk.known.get(id)?.within
}

async function folder(
  connection: Connection,
  walk: Walk,
  step: { readonly folder: number; readonly cursor?: string | undefined },
  { signal }: Operation,
): Promise<Stepped> {
  const current = walk.folders.get(walk.turns[step.folder] ?? '')
  if (!current) return { found: [] }
  const { items, cursor } = await childrenOf(connection, current.id, { cursor: step.cursor, signal })
  for (const { id, facts } of items) {
    if (facts.kind === 'directory') later(walk, id, [...current.within, facts.name])
  }
  const found = items.map((item) => ({ item, within: current.within }))
  if (cursor !== undefined) return { found, next: { folder: step.folder, cursor } }
  return { found, next: step.folder + 1 < walk.turns.length ? { folder: step.folder + 1 } : undefined }
}

/** Has a folder listed in its turn, once: entries may lead to the same one, and back to what is around them. */
function later(walk: Walk, id: string, within: readonly string[]): void {
  if (walk.folders.has(id)) return
  walk.folders.set(id, { id, within })
  walk.turns.push(id)
}

/** Without what an earlier step gave out. */
function fresh(walk: Walk, found: readonly Found[], step: Step): Found[] {
  const key = JSON.stringify(step)
  const own = new Set<string>()
  const items = found.filter(({ item }) => {
    const id = idOf(item.own)
    const isNew = !own.has(id) && (walk.given.get(id) ?? key) === key
    own.add(id)
    return isNew
  })
  for (const id of own) if (!walk.given.has(id)) walk.given.set(id, key)
  return items
}
