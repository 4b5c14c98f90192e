import { setImmediate } from 'node:timers/promises'
import type { StoragePath } from '@filegate/core'
import type { JournalEntry, JournalOperation } from './entry.ts'
import { entryFrom } from './entry-row.ts'
import type { JournalDatabase } from './journal-store.ts'
import type { PageOptions } from './read-history.ts'

export interface EntryFilter extends PageOptions {
  /** The path, and everything below it. */
  readonly path: StoragePath
  readonly ops?: readonly JournalOperation[] | undefined
  /** Unix milliseconds. */
  readonly since?: number | undefined
}

/** It may be short, or empty, while there is more: looking for it goes on with the next page. */
export interface EntriesPage {
  /** The oldest first. */
  readonly entries: readonly JournalEntry[]
  /** After this id there may be more. Absent: that was all. */
  readonly next?: number | undefined
}

/** Rows that are looked at in one statement, which takes some milliseconds. */
const together = 2000
/** Rows that are looked at for one page. */
const mostLookedAt = 20 * together
/** Entries that are fetched by their ids in one statement. */
const fetched = 200

/** Of a folder with few entries, those are looked at; of others, all entries one after the other. */
export async function entriesLike(database: JournalDatabase, filter: EntryFilter): Promise<EntriesPage> {
  const after = await startOf(database, filter)
  if (after === undefined) return { entries: [] }
  const from = { ...filter, afterId: after }
  if (filter.path === '') return lookThrough(database, from)
  const below = await idsBelow(database, filter.path)
  if (below.length === 0) return lookThrough(database, { ...from, isAlone: true })
  const own = await idsAt(database, filter.path)
  if (below.length + own.length > together) return lookThrough(database, from)
  return fetchAll(database, from, [...own, ...below])
}

/**
 * The id after which an entry since that time may come. Entries are in the order of time, but for changes that meet and clocks that
 * are set, so some of both ends are looked at.
 */
async function startOf(database: JournalDatabase, { since, afterId }: EntryFilter): Promise<number | undefined> {
  if (since === undefined) return afterId
  const ends = (['asc', 'desc'] as const).map((order) =>
    database
      .selectFrom((row) =>
        row
          .selectFrom('journal_entry')
          .select('id')
          .where('ts', '>=', since)
          .orderBy('ts', order)
          .limit(1000)
          .as('part'),
      )
      .select((row) => row.fn.min<number | null>('id').as('first'))
      .executeTakeFirst(),
  )
  const firsts = (await Promise.all(ends)).flatMap((end) => end?.first ?? [])
  return firsts.length === 0 ? undefined : Math.max(afterId, Math.min(...firsts) - 1)
}

async function idsBelow(database: JournalDatabase, path: StoragePath): Promise<number[]> {
  const rows = await database
    .selectFrom('journal_entry')
    .select('id')
    // All paths below a folder lie between these two, `0` being the character after the slash.
    .where('path', '>', `${path}/`)
    .where('path', '<', `${path}0`)
    .limit(together + 1)
    .execute()
  return rows.map(({ id }) => id)
}

async function idsAt(database: JournalDatabase, path: StoragePath): Promise<number[]> {
  const query = database.selectFrom('journal_entry').select('id').where('path', '=', path)
  return (await query.limit(together + 1).execute()).map(({ id }) => id)
}

interface Looking extends EntryFilter {
  /** Nothing is known below the path. */
  readonly isAlone?: boolean | undefined
}

async function lookThrough(database: JournalDatabase, looking: Looking): Promise<EntriesPage> {
  const { limit } = looking
  const found: JournalEntry[] = []
  let after = looking.afterId
  for (let looked = 0; looked < mostLookedAt; looked += together) {
    const { count, last } = await database
      .selectFrom(partAfter(database, looking, after).select('id').as('part'))
      .select((row) => [row.fn.countAll<number>().as('count'), row.fn.max<number | null>('id').as('last')])
      .executeTakeFirstOrThrow()
    if (last === null) return { entries: found }
    found.push(...(await matching(database, looking, after, limit + 1 - found.length)))
    if (found.length > limit) return pageOf(found, limit)
    if (count < together) return { entries: found }
    after = last
    await setImmediate()
  }
  return { entries: found, next: after }
}

/** Some rows as they come. What is asked of them is asked outside of it, so that no index leads to other rows first. */
function partAfter(database: JournalDatabase, { path, isAlone }: Looking, after: number) {
  const part = database.selectFrom('journal_entry').where('id', '>', after).orderBy('id').limit(together)
  return isAlone ? part.where('path', '=', path) : part
}

async function matching(
  database: JournalDatabase,
  looking: Looking,
  after: number,
  limit: number,
): Promise<JournalEntry[]> {
  const { path, ops, since } = looking
  let query = database.selectFrom(partAfter(database, looking, after).selectAll().as('part')).selectAll()
  if (path !== '') {
    query = query.where((row) =>
      row.or([row('path', '=', path), row.and([row('path', '>', `${path}/`), row('path', '<', `${path}0`)])]),
    )
  }
  if (ops) query = query.where('op', 'in', ops)
  if (since !== undefined) query = query.where('ts', '>=', since)
  const rows = await query.orderBy('id').limit(limit).execute()
  return rows.map((row) => entryFrom(row))
}

async function fetchAll(
  database: JournalDatabase,
  { ops, since, afterId, limit }: EntryFilter,
  ids: readonly number[],
): Promise<EntriesPage> {
  const left = ids.filter((id) => id > afterId).toSorted((one, other) => one - other)
  const found: JournalEntry[] = []
  for (let first = 0; first < left.length; first += fetched) {
    let query = database
      .selectFrom('journal_entry')
      .selectAll()
      .where('id', 'in', left.slice(first, first + fetched))
    if (ops) query = query.where('op', 'in', ops)
    if (since !== undefined) query = query.where('ts', '>=', since)
    const rows = await query.orderBy('id').execute()
    found.push(...rows.map((row) => entryFrom(row)))
    if (found.length > limit) return pageOf(found, limit)
    await setImmediate()
  }
  return { entries: found }
}

function pageOf(found: readonly JournalEntry[], limit: number): EntriesPage {
  const entries = found.slice(0, limit)
  return { entries, next: entries.at(-1)?.id }
}
