import { type ListOptions, onePerName, type Page, StorageError, type TreeFound } from '@filegate/core'
import { z } from 'zod'
import { type Connection, isSelection } from './connection.ts'
import type { DriveItem } from './facts.ts'
import { findFiles, searchIn } from './find-files.ts'
import { expectFolder } from './list.ts'
import { itemsOf } from './shown-items.ts'

/** Folders that one search asks about: more make it slow, or too long. */
const together = 50

/** A folder that is still to be looked into. */
const waiting = z.object({ id: z.string(), within: z.array(z.string()) })
type Waiting = z.output<typeof waiting>

/**
 * Where a walk stands: the folders that wait, how many of them are asked about at once now, at which page of that, and how
 * many of them are to be asked about one by one.
 */
const position = z.object({
  waiting: z.array(waiting).min(1),
  group: z.number().int().min(1).max(together).optional(),
  page: z.string().optional(),
  alone: z.number().int().min(1).max(together).optional(),
})
type Position = z.output<typeof position>

interface Found extends TreeFound<DriveItem> {
  /** The folder in which it lies. */
  readonly folder: string
}

export type Walk = (directory: string, options: ListOptions) => Promise<Page<TreeFound<DriveItem>>>

/**
 * Walks by searching in many folders at once, one search in a call. Shortcuts to folders are not gone into: they can lead in
 * circles. A page can be asked for again.
 */
export function walkOf(connection: Connection): Walk {
  const once = onePerName<Found>({
    item: ({ item }) => item,
    key: ({ folder, item }) => `${folder}/${item.facts.name}`,
    newestFirst: true,
  })
  return async (directory, options) => {
    const at = positionOf(directory, options.cursor)
    const folders = groupOf(connection, at)
    const of = folders.map(({ id }) => id).join()
    const ask = (cursor: string | undefined) => foundIn(connection, folders, { ...options, cursor })
    const { items, cursor } = await once({ of, ask }, at.page)
    if (options.cursor === undefined && items.length === 0) await expectFolder(connection, directory, options)
    const isDoubtful = folders.length > 1 && at.page === undefined && cursor === undefined && items.length === 0
    if (isDoubtful && connection.options.fast_list_bug_fix) {
      // Google at times finds nothing in several folders of which each one holds something.
      connection.log.debug('Google Drive found nothing in several folders at once; they are asked about one by one.')
      return { items, cursor: cursorOf({ waiting: at.waiting, alone: folders.length }) }
    }
    return { items, cursor: nextOf(at, { count: folders.length, found: items, page: cursor }) }
  }
}

interface Read {
  /** Folders of the group. */
  readonly count: number
  readonly found: readonly Found[]
  /** The next page of the group. */
  readonly page?: string | undefined
}

/** What was found last is gone into first, so that few wait. */
function nextOf({ waiting: before, alone = 0 }: Position, { count, found, page }: Read): string | undefined {
  const entered = found
    .filter(({ item }) => item.facts.kind === 'directory' && !item.shortcut)
    .map(({ item, within }) => ({ id: item.id, within: [...within, item.facts.name] }))
  const [group, others] = [before.slice(0, count), before.slice(count)]
  if (page !== undefined) {
    // Those that are to be asked alone stay in front of what they hold.
    const [lone, rest] = [others.slice(0, Math.max(0, alone - 1)), others.slice(Math.max(0, alone - 1))]
    const all = [...group, ...lone, ...entered, ...rest]
    return cursorOf({ waiting: all, group: count, page, ...(alone > 0 && { alone }) })
  }
  if (alone <= 1) return cursorOf({ waiting: [...entered, ...others] })
  return cursorOf({
    waiting: [...others.slice(0, alone - 1), ...entered, ...others.slice(alone - 1)],
    alone: alone - 1,
  })
}

const cursorOf = (at: Position): string | undefined => (at.waiting.length > 0 ? JSON.stringify(at) : undefined)

function positionOf(directory: string, cursor: string | undefined): Position {
  if (cursor === undefined) return { waiting: [{ id: directory, within: [] }] }
  try {
    return position.parse(JSON.parse(cursor))
  } catch (cause) {
    throw new StorageError('InvalidArgument', 'The cursor is none that a walk gave out.', { cause })
  }
}

/** Folders for one search, none of them twice: what is shared may lie in another folder that is shared. */
function groupOf(connection: Connection, { waiting: folders, group, alone }: Position): readonly Waiting[] {
  const [first] = folders
  if (group !== undefined) return folders.slice(0, group)
  if (alone !== undefined || (first && isSelection(connection, first.id))) return folders.slice(0, 1)
  const ids = new Set<string>()
  for (const { id } of folders) {
    if (ids.has(id) || ids.size === together) break
    ids.add(id)
  }
  return folders.slice(0, ids.size)
}

/** A page of what folders hold. */
async function foundIn(
  connection: Connection,
  folders: readonly Waiting[],
  { cursor, limit, signal }: ListOptions,
): Promise<Page<Found>> {
  const search = searchIn(
    connection,
    folders.map(({ id }) => id),
  )
  const { files, cursor: next } = await findFiles(connection, search, { cursor, limit, signal })
  const byId = new Map(folders.map((folder) => [folder.id, folder]))
  const items = await itemsOf(connection, files, { signal })
  const found = items.flatMap((item, place) => {
    if (!item) return []
    const parent = files[place]?.parents?.find((id) => byId.has(id))
    // What was shared, starred, or lies in a root that may not be known by its id, does not say where it lies.
    const folder = (parent === undefined ? undefined : byId.get(parent)) ?? folders[0]
    return folder ? [{ item, folder: folder.id, within: folder.within }] : []
  })
  return { items: found, cursor: next }
}
