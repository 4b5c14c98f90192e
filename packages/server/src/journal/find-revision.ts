import { setImmediate } from 'node:timers/promises'
import { StorageError, type StoragePath } from '@filegate/core'
import { problem } from '../http/problem.ts'
import { endings, type JournalEntry, unnumbered } from './entry.ts'
import { entryFrom } from './entry-row.ts'
import type { JournalDatabase } from './journal-store.ts'
import { arrivalsAt, beforeArrival } from './read-history.ts'

/** The state of a file that an entry speaks of. */
export interface Revision {
  readonly entry: JournalEntry
  /** SHA-256, and bytes. */
  readonly hash: string
  readonly size: number
}

/** @throws StorageError `NotFound`; with status 410 when nothing stood there then; 422 when its content is not known */
export async function findRevision(database: JournalDatabase, path: StoragePath, seq: number): Promise<Revision> {
  const entry = await entryWith(database, path, seq)
  if (entry) return revisionOf(path, entry)
  const place = await database.selectFrom('journal_place').select('seq').where('path', '=', path).executeTakeFirst()
  if (place && seq <= place.seq) throw pruned(path)
  throw new StorageError('NotFound', `/${path} has no revision ${seq}. ?history lists those there are.`, { path })
}

/** What stood at a path at a time, in Unix milliseconds. @throws StorageError as `findRevision` does */
export async function findAt(database: JournalDatabase, path: StoragePath, time: number): Promise<Revision> {
  const row = await lastUntil(database, path, time)
  if (row) return revisionOf(path, entryFrom(row))
  const fact = await database
    .selectFrom('journal_fact')
    .select('value')
    .where('name', '=', 'pruned_before')
    .executeTakeFirst()
  if (time < Number(fact?.value ?? 0)) throw pruned(path)
  throw new StorageError('NotFound', `Nothing is known of /${path} at that time.`, { path })
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

function revisionOf(path: StoragePath, entry: JournalEntry): Revision {
  if (endings.has(entry.op)) throw gone(path)
  if (unnumbered.has(entry.op)) {
    const message = `/${path} was a folder then. Only files can be read as they were.`
    throw new StorageError('InvalidArgument', message, { path })
  }
  if (entry.after === null || entry.size_after === null) throw notKept(path, entry.seq)
  return { entry, hash: entry.after, size: entry.size_after }
}

const goneName = { status: 410, code: 'GONE', bare: true }

const gone = (path: StoragePath): StorageError =>
  problem('NotFound', goneName, `File /${path} was deleted or moved at the requested point in time`, { path })

const pruned = (path: StoragePath): StorageError =>
  problem('NotFound', goneName, `What /${path} held then is older than the journal keeps`, { path })

/** The error for content that was too large to be kept, or is kept no longer. */
export function notKept(path: StoragePath, seq: number | null): StorageError {
  const message = `Content for revision ${seq ?? '?'} of /${path} is not stored (file exceeded journal size limit)`
  return problem('NotFound', { status: 422, code: 'CONTENT_NOT_KEPT', bare: true }, message, { path })
}
