import { createHash } from 'node:crypto'
import { StorageError } from '@filegate/core'
import type { ContentStore } from './content-store.ts'
import type { JournalStore } from './journal-store.ts'

/** Milliseconds in which a system has written at last what it was given. */
const settling = 2 * 60_000
/** Contents that are looked at; more than can be kept in that time. */
const most = 20_000

/**
 * Contents are not waited for until they are on the disk, so a loss of power can damage the last ones. They are read again: one that
 * is not what it should be is not kept, and the journal says so from then on.
 */
export async function verifyContents(store: JournalStore, content: ContentStore, aliveAt: number): Promise<void> {
  const rows = await store.reading
    .selectFrom('journal_entry')
    .innerJoin('journal_content', 'journal_content.hash', 'journal_entry.after')
    .select('journal_content.hash')
    .distinct()
    .where('journal_entry.ts', '>', aliveAt - settling)
    .limit(most)
    .execute()
  for (const { hash } of rows) {
    if (await isWhole(content, hash)) continue
    await content.remove(hash)
    await store.change((database) => database.deleteFrom('journal_content').where('hash', '=', hash).execute())
  }
}

async function isWhole(content: ContentStore, hash: string): Promise<boolean> {
  try {
    const found = createHash('sha256')
    const { body } = await content.read(hash)
    for await (const chunk of body) found.update(chunk)
    return found.digest('hex') === hash
  } catch (error) {
    if (StorageError.is(error, 'NotFound')) return false
    throw error
  }
}
