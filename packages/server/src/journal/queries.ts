import type { StoragePath } from '@filegate/core'
import { countRevisions, type RevisionCounts } from './count-revisions.ts'
import { type EntriesPage, type EntryFilter, entriesLike } from './entries-like.ts'
import type { JournalEntry } from './entry.ts'
import { type Deletion, findDeletion } from './find-deletion.ts'
import { findAt, findRevision, type Revision } from './find-revision.ts'
import type { JournalStore } from './journal-store.ts'
import { type PageOptions, readHistory } from './read-history.ts'

/** Questions to the journal. None of them knows rights. */
export interface Queries extends RevisionCounts {
  /** Bytes that a file may have for its content to be kept. */
  readonly mostKept: number
  history(path: StoragePath, page: PageOptions): Promise<readonly JournalEntry[]>
  entries(filter: EntryFilter): Promise<EntriesPage>
  revision(path: StoragePath, seq: number): Promise<Revision>
  at(path: StoragePath, time: number): Promise<Revision>
  /** What stood at a path when it was deleted last. */
  deletion(path: StoragePath): Promise<Deletion | undefined>
  /** Which of these contents are kept. */
  kept(hashes: Iterable<string | null>): Promise<ReadonlySet<string>>
}

export interface QueriesParts {
  readonly store: Pick<JournalStore, 'reading' | 'settled' | 'finished'>
  /** Bytes that a file may have for its content to be kept. */
  readonly mostKept: number
}

export function createQueries({ store, mostKept }: QueriesParts): Queries {
  const { reading: database } = store
  /** What a file went through with its folder is told before anything about it is answered. */
  const settled = async <Answer>(path: StoragePath, ask: () => Promise<Answer>): Promise<Answer> => {
    await store.settled(path)
    return ask()
  }
  return {
    ...countRevisions(database),
    mostKept,
    history: (path, page) => settled(path, () => readHistory(database, path, page)),
    entries: (filter) => entriesLike(database, filter),
    revision: (path, seq) => settled(path, () => findRevision(database, { path, mostKept }, seq)),
    at: (path, time) => settled(path, () => findAt(database, { path, mostKept }, time)),
    async deletion(path) {
      await store.finished([path])
      return findDeletion(database, path)
    },
    async kept(hashes) {
      const asked = [...new Set(hashes)].filter((hash) => hash !== null)
      if (asked.length === 0) return new Set()
      const rows = await database.selectFrom('journal_content').select('hash').where('hash', 'in', asked).execute()
      return new Set(rows.map(({ hash }) => hash))
    },
  }
}
