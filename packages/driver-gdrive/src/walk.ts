import { type ListOptions, type Page, StorageError, type TreeFound } from '@filegate/core'
import { z } from 'zod'
import { type Connection, isSelection } from './connection.ts'
import type { DriveItem } from './facts.ts'
import { findFiles, searchIn } from './find-files.ts'
import type { Resource } from './resource.ts'
import { itemsOf } from './shown-items.ts'

/** Folders that one search asks about: more make it slow, or too long. */
const together = 50
/** Groups that are remembered between two pages of one walk. */
const remembered = 4

/** A folder that is still to be looked into. */
const waiting = z.object({ id: z.string(), within: z.array(z.string()) })
type Waiting = z.output<typeof waiting>

/** Where a walk stands: the folders that wait, and what of the first group has been given out. */
const position = z.object({ waiting: z.array(waiting), given: z.number().int().min(0) })
type Position = z.output<typeof position>

type Found = TreeFound<DriveItem>

export type Walk = (directory: string, options: ListOptions) => Promise<Page<Found>>

/**
 * Walks by searching in many folders at once. Shortcuts to folders are not gone into: they can lead in circles. A position
 * is all in its cursor, so a page can be asked for again.
 */
export function walkOf(connection: Connection): Walk {
  const groups = new Map<string, readonly Found[]>()

  /** What the first folders of those that wait hold: as it was for the pages before, where some of it has been given out. */
  async function group(folders: readonly Waiting[], given: number, options: ListOptions): Promise<readonly Found[]> {
    const key = JSON.stringify(folders)
    const known = given > 0 ? groups.get(key) : undefined
    if (known) return known
    const found = await gathered(connection, folders, options)
    groups.delete(key)
    groups.set(key, found)
    const [oldest] = groups.keys()
    if (groups.size > remembered && oldest !== undefined) groups.delete(oldest)
    return found
  }

  return async (directory, options) => {
    const { waiting: folders, given } = positionOf(directory, options.cursor)
    const taken = firstGroup(connection, folders)
    const found = await group(taken, given, options)
    const end = given + Math.max(1, options.limit ?? found.length)
    const items = found.slice(given, end)
    if (end < found.length) return { items, cursor: JSON.stringify({ waiting: folders, given: end }) }
    groups.delete(JSON.stringify(taken))
    // What was found last is gone into first, so that few wait.
    const rest = [...entered(found), ...folders.slice(taken.length)]
    return { items, cursor: rest.length > 0 ? JSON.stringify({ waiting: rest, given: 0 }) : undefined }
  }
}

function positionOf(directory: string, cursor: string | undefined): Position {
  if (cursor === undefined) return { waiting: [{ id: directory, within: [] }], given: 0 }
  try {
    return position.parse(JSON.parse(cursor))
  } catch (cause) {
    throw new StorageError('InvalidArgument', 'The cursor is none that a walk gave out.', { cause })
  }
}

/** Folders for one search, none of them twice: what is shared may lie in another folder that is shared. */
function firstGroup(connection: Connection, folders: readonly Waiting[]): readonly Waiting[] {
  const [first] = folders
  if (first && isSelection(connection, first.id)) return [first]
  const ids = new Set<string>()
  for (const { id } of folders) {
    if (ids.has(id) || ids.size === together) break
    ids.add(id)
  }
  return folders.slice(0, ids.size)
}

const entered = (found: readonly Found[]): Waiting[] =>
  found
    .filter(({ item }) => item.facts.kind === 'directory' && !item.shortcut)
    .map(({ item, within }) => ({ id: item.id, within: [...within, item.facts.name] }))

/** What folders hold, one item for each name. */
async function gathered(
  connection: Connection,
  folders: readonly Waiting[],
  options: ListOptions,
): Promise<readonly Found[]> {
  const files = await filesIn(
    connection,
    folders.map(({ id }) => id),
    options,
  )
  const byFolder = new Map(folders.map((folder) => [folder.id, { folder, newest: new Map<string, DriveItem>() }]))
  const items = await itemsOf(connection, files, { signal: options.signal })
  for (const [place, item] of items.entries()) {
    const parents = files[place]?.parents ?? []
    // What was shared, starred, or lies in a root that may not be known by its id, does not say where it lies.
    const within = byFolder.get(parents.find((id) => byFolder.has(id)) ?? folders[0]?.id ?? '')
    const rival = item && within?.newest.get(item.facts.name)
    if (item && (!rival || isNewer(item, rival))) within?.newest.set(item.facts.name, item)
  }
  return [...byFolder.values()].flatMap(({ folder, newest }) =>
    [...newest.values()].map((item) => ({ item, within: folder.within })),
  )
}

/** As a look-up decides: the newest, and by id among those of one time. */
function isNewer(one: DriveItem, other: DriveItem): boolean {
  const [first, second] = [one.facts.modified ?? 0, other.facts.modified ?? 0]
  return first === second ? one.id > other.id : first > second
}

/** Google at times finds nothing in several folders of which each one holds something. */
async function filesIn(
  connection: Connection,
  folders: readonly string[],
  { signal }: ListOptions,
): Promise<readonly Resource[]> {
  const files = await allIn(connection, folders, signal)
  if (files.length > 0 || folders.length < 2 || !connection.options.fast_list_bug_fix) return files
  const each: Resource[] = []
  for (const folder of folders) each.push(...(await allIn(connection, [folder], signal)))
  if (each.length > 0) connection.log.debug('Google Drive found nothing in several folders at once; asked one by one.')
  return each
}

async function allIn(
  connection: Connection,
  folders: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Resource[]> {
  const files: Resource[] = []
  let cursor: string | undefined
  do {
    const found = await findFiles(connection, searchIn(connection, folders), { cursor, signal })
    files.push(...found.files)
    cursor = found.cursor
  } while (cursor !== undefined)
  return files
}
