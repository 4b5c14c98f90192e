import { sql, type Transaction } from 'kysely'
import type { EntryTable, JournalSchema } from './schema.ts'

type Writing = Transaction<JournalSchema>

export type RemovedEntry = Pick<EntryTable, 'path' | 'line' | 'seq' | 'op'>

/**
 * Brings the counts of histories up to date after entries were removed. What never moved has as many fewer as were removed; a
 * history that goes over several paths is counted anew, which takes longer the longer it is.
 */
export async function recount(database: Writing, removed: readonly RemovedEntry[]): Promise<void> {
  const byLine = Map.groupBy(removed, ({ line }) => line)
  const moved = await movedLines(database, removed)
  const anew = new Set<string>()
  for (const [line, entries] of byLine) {
    const arrivals = line === null ? undefined : moved.get(line)
    if (arrivals) for (const path of [...arrivals, ...entries.map(({ path }) => path)]) anew.add(path)
    else if (line !== null) await shorten(database, line, entries)
  }
  for (const [path, entries] of Map.groupBy(removed, ({ path }) => path)) {
    const counted = entries.filter(({ seq }) => seq !== null).length
    if (counted === 0 || anew.has(path)) continue
    await database
      .updateTable('journal_place')
      .set((place) => ({ revisions: place('revisions', '-', counted) }))
      .where('path', '=', path)
      .execute()
  }
  for (const path of anew) await countAnew(database, path)
}

/** The paths at which lines arrived, for those that moved at all. */
async function movedLines(
  database: Writing,
  removed: readonly RemovedEntry[],
): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  const lines = new Set(removed.flatMap(({ line }) => line ?? []))
  if (lines.size === 0) return new Map()
  const standing = await database
    .selectFrom('journal_entry')
    .select(['line', 'path'])
    .where('op', '=', 'moved_to')
    .where('line', 'in', [...lines])
    .execute()
  const arrivals = new Map<number, Set<string>>()
  for (const { line, path } of [...standing, ...removed.filter(({ op }) => op === 'moved_to')]) {
    if (line !== null) arrivals.set(line, (arrivals.get(line) ?? new Set()).add(path))
  }
  return arrivals
}

/** The line is where its last entry is, also when it went there so long ago that its arrival is forgotten. */
async function shorten(database: Writing, line: number, entries: readonly RemovedEntry[]): Promise<void> {
  const last = await database
    .selectFrom('journal_entry')
    .select('path')
    .where('line', '=', line)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  const paths = new Set(entries.map(({ path }) => path)).add(last?.path ?? '')
  await database
    .updateTable('journal_place')
    .set((place) => ({ line_length: place('line_length', '-', entries.length) }))
    .where('path', 'in', [...paths])
    .where('line', '=', line)
    .execute()
}

async function countAnew(database: Writing, path: string): Promise<void> {
  await sql`
    update journal_place set
      line_length = (select count(*) from journal_entry e where e.line = journal_place.line),
      revisions = (select count(*) from journal_entry e where e.path = journal_place.path and e.seq is not null)
        + (select count(distinct e.id) from journal_entry m join journal_entry e on e.line = m.line and e.id < m.id and e.path <> m.path and e.seq >= coalesce(m.since, 0)
           where m.path = journal_place.path and m.op = 'moved_to')
    where path = ${path}`.execute(database)
}
