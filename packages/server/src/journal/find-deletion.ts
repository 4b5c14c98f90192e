import { setImmediate } from 'node:timers/promises'
import type { StoragePath } from '@filegate/core'
import type { JournalEntry } from './entry.ts'
import { entryFrom } from './entry-row.ts'
import { byOthers } from './follow.ts'
import type { JournalDatabase } from './journal-store.ts'

/** What a deletion took away. */
export interface Deletion {
  /** The last entry of the path, whatever it tells. */
  readonly last: JournalEntry
  /** The entries of all that went with a folder, the folder first; of a file, its own. Empty when the last thing was no deletion. */
  readonly gone: readonly JournalEntry[]
}

/** Milliseconds between deletions of files that belong to the deletion of their folder by another program, which goes file by file. */
const mostBetween = 2000
/** Milliseconds that such a deletion may take. */
const longest = 60 * 60_000

/** What stood at a path when it was deleted last. Undefined for a path that the journal does not know. */
export async function findDeletion(database: JournalDatabase, path: StoragePath): Promise<Deletion | undefined> {
  const row = await database
    .selectFrom('journal_entry')
    .selectAll()
    .where('path', '=', path)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) return undefined
  const last = entryFrom(row)
  if (last.op === 'delete') return { last, gone: [last] }
  if (last.op !== 'dir_deleted') return { last, gone: [] }
  return { last, gone: [last, ...(await goneWith(database, last))] }
}

/** Rows that are read in one statement. */
const together = 500

/** Backwards from the end of the folder. What was deleted by a request of its own before is not part of it. */
async function goneWith(database: JournalDatabase, folder: JournalEntry): Promise<readonly JournalEntry[]> {
  const found = new Map<string, JournalEntry>()
  let latest = folder.ts
  for (let before = folder.id; ; await setImmediate()) {
    const rows = await database
      .selectFrom('journal_entry')
      .selectAll()
      // All paths below a folder lie between these two, `0` being the character after the slash.
      .where('path', '>', `${folder.path}/`)
      .where('path', '<', `${folder.path}0`)
      .where('id', '<', before)
      .where('ts', '>=', folder.ts - longest)
      .orderBy('id', 'desc')
      .limit(together)
      .execute()
    for (const row of rows) {
      const isPart = row.ts === folder.ts || (row.reason === byOthers && latest - row.ts <= mostBetween)
      if (!isPart || (row.op !== 'delete' && row.op !== 'dir_deleted')) return [...found.values()]
      latest = row.ts
      if (!found.has(row.path)) found.set(row.path, entryFrom(row))
    }
    const last = rows.at(-1)
    if (!last || rows.length < together) return [...found.values()]
    before = last.id
  }
}
