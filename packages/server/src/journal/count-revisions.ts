import { setImmediate } from 'node:timers/promises'
import type { StoragePath } from '@filegate/core'
import type { JournalDatabase } from './journal-store.ts'

/** How many entries the history of a file has. */
export interface RevisionCounts {
  /** For each file in a folder, by name. */
  revisionsIn(folder: StoragePath): Promise<ReadonlyMap<string, number>>
  /** Undefined where the journal knows no file. */
  revisionsOf(path: StoragePath): Promise<number | undefined>
}

/** Rows that are read at once, which takes some milliseconds. */
const together = 2000

export function countRevisions(database: JournalDatabase): RevisionCounts {
  const files = () => database.selectFrom('journal_place').where('kind', '=', 'file')
  return {
    async revisionsIn(folder) {
      const found = new Map<string, number>()
      const first = folder.length === 0 ? 0 : folder.length + 1
      for (let after = ''; ; await setImmediate()) {
        const rows = await files()
          .select(['path', 'revisions'])
          .where('parent', '=', folder)
          .where('path', '>', after)
          .orderBy('path')
          .limit(together)
          .execute()
        for (const { path, revisions } of rows) found.set(path.slice(first), revisions)
        const last = rows.at(-1)
        if (!last || rows.length < together) return found
        after = last.path
      }
    },
    async revisionsOf(path) {
      const row = await files().select('revisions').where('path', '=', path).executeTakeFirst()
      return row?.revisions
    },
  }
}
