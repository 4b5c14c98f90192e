import type { StoragePath } from '@filegate/core'
import { sql } from 'kysely'
import { type JournalEntry, type JournalOperation, unnumbered } from './entry.ts'
import { entryFrom } from './entry-row.ts'
import type { JournalDatabase } from './journal-store.ts'

export interface PageOptions {
  /** Only what has a greater id. */
  readonly afterId: number
  readonly limit: number
}

/** A file that was moved to a path, with its earlier life. */
export interface Arrival {
  /** Of the entry. */
  readonly id: number
  readonly line: number | null
  readonly shift: number
  readonly since: number | null
}

const folderOperations: readonly JournalOperation[] = [...unnumbered]

/** The last one first. */
export const arrivalsAt = (database: JournalDatabase, path: StoragePath): Promise<readonly Arrival[]> =>
  database
    .selectFrom('journal_entry')
    .select(['id', 'line', 'shift', 'since'])
    .where('path', '=', path)
    // In the text of the statement, as the index of these is found by it.
    .where('op', '=', sql.lit('moved_to'))
    .orderBy('id', 'desc')
    .execute()

/** What a file went through before it arrived, and since it was there before. */
export const beforeArrival = (database: JournalDatabase, { id, line, since }: Arrival) =>
  database
    .selectFrom('journal_entry')
    .selectAll()
    .where('line', '=', line ?? -1)
    .where('id', '<', id)
    .where('seq', '>=', since ?? 0)

/** What happened at a path, and to the files that were moved to it before they were. The oldest first. */
export async function readHistory(
  database: JournalDatabase,
  path: StoragePath,
  { afterId, limit }: PageOptions,
): Promise<readonly JournalEntry[]> {
  const own = database.selectFrom('journal_entry').selectAll().where('path', '=', path)
  const earlier = (await arrivalsAt(database, path)).map((arrival) => ({
    query: beforeArrival(database, arrival).where('path', '!=', path),
    shift: arrival.shift,
  }))
  const pages = [{ query: own, shift: 0 }, ...earlier].map(async ({ query, shift }) => {
    const rows = await query
      .where('id', '>', afterId)
      .where('op', 'not in', folderOperations)
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map((row) => entryFrom(row, shift))
  })
  const found = new Map((await Promise.all(pages)).flat().map((entry) => [entry.id, entry]))
  return [...found.values()].toSorted((one, other) => one.id - other.id).slice(0, limit)
}
