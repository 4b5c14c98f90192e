import { setImmediate } from 'node:timers/promises'
import type { StoragePath } from '@filegate/core'
import { endings, type JournalEntry } from './entry.ts'
import { entryFrom } from './entry-row.ts'
import { byOthers } from './follow.ts'
import type { JournalDatabase } from './journal-store.ts'

/** What a deletion took away. */
export interface Deletion {
  /** The last entry of the path, whatever it tells. */
  readonly last: JournalEntry
  /** The entries of all that went with a folder, the folder first; of a file, its own. Empty when the last thing was no deletion. */
  readonly gone: readonly JournalEntry[]
  /** When what was deleted was made or changed last, in Unix milliseconds, as far as the journal knows. */
  readonly stoodAt?: number | undefined
}

/** Milliseconds between deletions of files that belong to the deletion of their folder by another program, which goes file by file. */
const mostBetween = 2000
/** Milliseconds that such a deletion may take. */
const longest = 60 * 60_000

/** What stood at a path when it was deleted last. Undefined for a path that the journal does not know. */
export async function findDeletion(database: JournalDatabase, path: StoragePath): Promise<Deletion | undefined> {
  const [row, before] = await database
    .selectFrom('journal_entry')
    .selectAll()
    .where('path', '=', path)
    .orderBy('id', 'desc')
    .limit(2)
    .execute()
  if (!row) return undefined
  const last = entryFrom(row)
  const stoodAt = before && !endings.has(before.op) ? before.ts : undefined
  if (last.op === 'delete') return { last, gone: [last], stoodAt }
  if (last.op !== 'dir_deleted') return { last, gone: [] }
  return { last, gone: [last, ...(await goneWith(database, last))], stoodAt }
}

/** Rows that are read in one statement. */
const together = 500

/** What was deleted by a request of its own before is not part of it. */
async function goneWith(database: JournalDatabase, folder: JournalEntry): Promise<readonly JournalEntry[]> {
  const ends: JournalEntry[] = []
  for await (const entry of lastBelow(database, folder)) if (isDeletion(entry)) ends.push(entry)
  const gone: JournalEntry[] = []
  let latest = folder.ts
  // Of a large folder the entries of what it held come after its own, with the same time.
  for (const entry of ends.toSorted((one, other) => other.ts - one.ts || other.id - one.id)) {
    if (entry.ts !== folder.ts && entry.reason !== byOthers) continue
    if (latest - entry.ts > mostBetween) break
    latest = entry.ts
    gone.push(entry)
  }
  return gone
}

const isDeletion = ({ op }: JournalEntry): boolean => op === 'delete' || op === 'dir_deleted'

/** The last entry of every path below a folder, as far as it may have to do with its end. */
async function* lastBelow(database: JournalDatabase, folder: JournalEntry): AsyncGenerator<JournalEntry> {
  // All paths below a folder lie between these two, `0` being the character after the slash.
  let [path, id] = [`${folder.path}/`, 0]
  let last: JournalEntry | undefined
  for (;;) {
    const rows = await database
      .selectFrom('journal_entry')
      .selectAll()
      .where('path', '>=', path)
      .where('path', '<', `${folder.path}0`)
      .where((row) => row.or([row('path', '>', path), row('id', '>', id)]))
      .where('ts', '>=', folder.ts - longest)
      .orderBy('path')
      .orderBy('id')
      .limit(together)
      .execute()
    for (const entry of rows.map((row) => entryFrom(row))) {
      if (last && last.path !== entry.path) yield last
      last = entry
      ;[path, id] = [entry.path, entry.id]
    }
    if (rows.length < together) break
    // A folder may have held very many: others get their turn on this thread.
    await setImmediate()
  }
  if (last) yield last
}
