import type { StoragePath } from '@filegate/core'
import { countRevisions, type RevisionCounts } from './count-revisions.ts'
import type { JournalEntry, JournalOperation } from './entry.ts'
import { entryFrom } from './entry-row.ts'
import { type Deletion, findDeletion } from './find-deletion.ts'
import { findAt, findRevision, type Revision } from './find-revision.ts'
import type { JournalDatabase } from './journal-store.ts'
import { type PageOptions, readHistory } from './read-history.ts'

export interface EntryFilter extends PageOptions {
  /** The path, and everything below it. */
  readonly path: StoragePath
  readonly ops?: readonly JournalOperation[] | undefined
  /** Unix milliseconds. */
  readonly since?: number | undefined
}

/** Questions to the journal. None of them knows rights. */
export interface Queries extends RevisionCounts {
  history(path: StoragePath, page: PageOptions): Promise<readonly JournalEntry[]>
  /** The oldest first. */
  entries(filter: EntryFilter): Promise<readonly JournalEntry[]>
  revision(path: StoragePath, seq: number): Promise<Revision>
  at(path: StoragePath, time: number): Promise<Revision>
  /** What stood at a path when it was deleted last. */
  deletion(path: StoragePath): Promise<Deletion | undefined>
  /** Which of these contents are kept. */
  kept(hashes: Iterable<string | null>): Promise<ReadonlySet<string>>
}

export function createQueries(database: JournalDatabase): Queries {
  return {
    ...countRevisions(database),
    history: (path, page) => readHistory(database, path, page),
    entries: (filter) => entriesLike(database, filter),
    revision: (path, seq) => findRevision(database, path, seq),
    at: (path, time) => findAt(database, path, time),
    deletion: (path) => findDeletion(database, path),
    async kept(hashes) {
      const asked = [...new Set(hashes)].filter((hash) => hash !== null)
      if (asked.length === 0) return new Set()
      const rows = await database.selectFrom('journal_content').select('hash').where('hash', 'in', asked).execute()
      return new Set(rows.map(({ hash }) => hash))
    },
  }
}

async function entriesLike(
  database: JournalDatabase,
  { path, ops, since, afterId, limit }: EntryFilter,
): Promise<readonly JournalEntry[]> {
  let query = database.selectFrom('journal_entry').selectAll().where('id', '>', afterId)
  if (path !== '') {
    // All paths below a folder lie between these two, `0` being the character after the slash.
    query = query.where((row) =>
      row.or([row('path', '=', path), row.and([row('path', '>', `${path}/`), row('path', '<', `${path}0`)])]),
    )
  }
  if (ops) query = query.where('op', 'in', ops)
  if (since !== undefined) query = query.where('ts', '>=', since)
  const rows = await query.orderBy('id').limit(limit).execute()
  return rows.map((row) => entryFrom(row))
}
