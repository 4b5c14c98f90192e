import type { Totals } from './count-all.ts'
import type { JournalDatabase } from './journal-store.ts'
import type { Tally } from './recorder.ts'

/** In the documented form. */
export interface JournalStats {
  readonly total_entries: number
  readonly total_blobs: number
  readonly total_blob_bytes: number
  /** With the tables. */
  readonly total_storage_bytes: number
  /** Whether the last change that there was could be entered. */
  readonly writer_healthy: boolean
  /** Changes that could not be followed since the start. */
  readonly entries_skipped_total: number
  /** Entries are rows of a database, so none can fail to be parsed. */
  readonly parse_failures: 0
  /** Contents that could not be kept since the start, though they were not too large. */
  readonly skipped_overflow: number
  /** Unix milliseconds. */
  readonly newest_entry_ts: number | null
  /** As in RFC 3339. */
  readonly pruned_before_date: string | null
}

export interface StatsOptions {
  readonly tally: Readonly<Tally>
  readonly totals: Totals
  readonly bytesOfTables: number
}

export async function statsOf(
  database: JournalDatabase,
  { tally, totals, bytesOfTables }: StatsOptions,
): Promise<JournalStats> {
  const newest = await database
    .selectFrom('journal_entry')
    .select('ts')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  const pruned = await database
    .selectFrom('journal_fact')
    .select('value')
    .where('name', '=', 'pruned_before')
    .executeTakeFirst()
  const { entries, contents, bytes } = totals
  const { isHealthy, notFollowed, notKept } = tally
  return {
    total_entries: entries,
    total_blobs: contents,
    total_blob_bytes: bytes,
    total_storage_bytes: bytes + bytesOfTables,
    writer_healthy: isHealthy,
    entries_skipped_total: notFollowed,
    parse_failures: 0,
    skipped_overflow: notKept,
    newest_entry_ts: newest?.ts ?? null,
    pruned_before_date: pruned ? new Date(Number(pruned.value)).toISOString() : null,
  }
}
