import { setImmediate } from 'node:timers/promises'
import { StorageError, type StoragePath } from '@filegate/core'
import { problem } from '../http/problem.ts'
import { endings, type JournalEntry, unnumbered } from './entry.ts'
import { entryFrom } from './entry-row.ts'
import type { JournalDatabase } from './journal-store.ts'
import { whyNotKept } from './why-not-kept.ts'
import { arrivalsAt, beforeArrival } from './read-history.ts'

/** The state of a file that an entry speaks of. */
export interface Revision {
  readonly entry: JournalEntry
  /** SHA-256, and bytes. */
  readonly hash: string
  readonly size: number
  /** Bytes that a file may have for its content to be kept. */
  readonly mostKept: number
}

export interface Asked {
  readonly path: StoragePath
  readonly mostKept: number
}

/** @throws StorageError `NotFound`; with status 410 when nothing stood there then; 422 when its content is not known */
export async function findRevision(database: JournalDatabase, asked: Asked, seq: number): Promise<Revision> {
  const { path } = asked
  const entry = await entryWith(database, path, seq)
  if (entry) return revisionOf(asked, entry)
  const place = await database.selectFrom('journal_place').select('seq').where('path', '=', path).executeTakeFirst()
  if (place && seq <= place.seq) throw pruned(path)
  throw new StorageError('NotFound', `/${path} has no revision ${seq}. ?history lists those there are.`, { path })
}

/** What stood at a path at a time, in Unix milliseconds. @throws StorageError as `findRevision` does */
export async function findAt(database: JournalDatabase, asked: Asked, time: number): Promise<Revision> {
  const { path } = asked
  const row = await lastUntil(database, path, time)
  if (row) return revisionOf(asked, entryFrom(row))
  if (await isForgotten(database, path)) throw pruned(path)
  const fact = await database
    .selectFrom('journal_fact')
    .select('value')
    .where('name', '=', 'pruned_before')
    .executeTakeFirst()
  if (fact && time < Number(fact.value)) throw pruned(path)
  throw new StorageError('NotFound', `Nothing is known of /${path} at that time.`, { path })
}

/** Whether the journal had entries of a path before the first one that it still has. Clocks have no say in it. */
async function isForgotten(database: JournalDatabase, path: StoragePath): Promise<boolean> {
  const place = await database.selectFrom('journal_place').select('seq').where('path', '=', path).executeTakeFirst()
  if (!place || place.seq === 0) return false
  const first = await database
    .selectFrom('journal_entry')
    .select(['op', 'seq', 'since'])
    .where('path', '=', path)
    .where('seq', 'is not', null)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  // What arrives where nothing was before goes on with the numbers that it has.
  return !first || (first.op === 'moved_to' ? first.since !== null : first.seq !== 1)
}

/** Entries that are looked at in one statement, which takes a few milliseconds. */
const together = 2000

/** The last entry of a path that is not younger. Most often one of the last is meant. */
async function lastUntil(database: JournalDatabase, path: StoragePath, time: number) {
  for (let before = Number.MAX_SAFE_INTEGER; ; await setImmediate()) {
    const part = database.selectFrom('journal_entry').where('path', '=', path).where('id', '<', before)
    const some = part.orderBy('id', 'desc').limit(together)
    const row = await database
      .selectFrom(some.selectAll().as('part'))
      .selectAll()
      .where('ts', '<=', time)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (row) return row
    const { first, count } = await database
      .selectFrom(some.select('id').as('part'))
      .select((part) => [part.fn.min<number | null>('id').as('first'), part.fn.countAll<number>().as('count')])
      .executeTakeFirstOrThrow()
    if (first === null || count < together) return undefined
    before = first
  }
}

async function entryWith(database: JournalDatabase, path: StoragePath, seq: number): Promise<JournalEntry | undefined> {
  const own = await database
    .selectFrom('journal_entry')
    .selectAll()
    .where('path', '=', path)
    .where('seq', '=', seq)
    .executeTakeFirst()
  if (own) return entryFrom(own)
  for (const arrival of await arrivalsAt(database, path)) {
    const { shift } = arrival
    const earlier = seq > shift ? beforeArrival(database, arrival).where('seq', '=', seq - shift) : undefined
    const row = await earlier?.executeTakeFirst()
    if (row) return entryFrom(row, shift)
  }
  return undefined
}

function revisionOf({ path, mostKept }: Asked, entry: JournalEntry): Revision {
  if (endings.has(entry.op)) throw gone(path)
  if (unnumbered.has(entry.op)) {
    const message = `/${path} was a folder then. Only files can be read as they were.`
    throw new StorageError('InvalidArgument', message, { path })
  }
  if (entry.after === null || entry.size_after === null) throw notKept(path, entry, mostKept)
  return { entry, hash: entry.after, size: entry.size_after, mostKept }
}

const goneName = { status: 410, code: 'GONE', bare: true }

const gone = (path: StoragePath): StorageError =>
  problem('NotFound', goneName, `File /${path} was deleted or moved at the requested point in time`, { path })

const pruned = (path: StoragePath): StorageError =>
  problem('NotFound', goneName, `What /${path} held then is older than the journal keeps`, { path })

/** The error for content that was never kept, or is kept no longer. */
export function notKept(path: StoragePath, entry: JournalEntry, mostKept: number): StorageError {
  const revision = `Content for revision ${entry.seq ?? '?'} of /${path}`
  const message = `${revision} is not stored (${whyNotKept(entry, mostKept)})`
  return problem('NotFound', { status: 422, code: 'CONTENT_NOT_KEPT', bare: true }, message, { path })
}
