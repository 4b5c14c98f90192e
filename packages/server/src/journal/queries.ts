import type { StoragePath } from '@filegate/core'
import { countRevisions, type RevisionCounts } from './count-revisions.ts'
import { type EntriesPage, type EntryFilter, entriesLike } from './entries-like.ts'
import type { JournalEntry } from './entry.ts'
import { type Deletion, findDeletion } from './find-deletion.ts'
import { findAt, findRevision, type Revision } from './find-revision.ts'
import type { JournalDatabase } from './journal-store.ts'
import { type PageOptions, readHistory } from './read-history.ts'

/** Questions to the journal. None of them knows rights. */
export interface Queries extends RevisionCounts {
  history(path: StoragePath, page: PageOptions): Promise<readonly JournalEntry[]>
  entries(filter: EntryFilter): Promise<EntriesPage>
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
