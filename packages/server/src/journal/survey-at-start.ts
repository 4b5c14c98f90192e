import { setImmediate } from 'node:timers/promises'
import { parsePath, root } from '@filegate/core'
import type { ContentStore } from './content-store.ts'
import type { DigestQueue } from './digest-queue.ts'
import type { JournalStore } from './journal-store.ts'
import type { Place } from './place.ts'
import type { Survey } from './survey.ts'
import { verifyContents } from './verify-contents.ts'

export interface StartParts {
  readonly store: JournalStore
  readonly digests: Pick<DigestQueue, 'later'>
  readonly content: ContentStore
}

/** Finds out what happened while nobody watched: the outcome can be seen, not the way to it, and the journal says so. */
export async function surveyAtStart(parts: StartParts, survey: Survey, signal: AbortSignal): Promise<void> {
  const { store, content } = parts
  const alive = await store.reading
    .selectFrom('journal_fact')
    .select('value')
    .where('name', '=', 'alive_at')
    .executeTakeFirst()
  if (alive) await verifyContents(store, content, Number(alive.value))
  let isNoted = false
  async function beforeFirst(): Promise<void> {
    if (!alive || isNoted) return
    isNoted = true
    const since = new Date(Number(alive.value)).toISOString()
    const reason = `nobody watched since ${since}: of what happened in between, only the outcome is known`
    await store.enter([{ gap: root, at: Date.now(), reason }])
  }
  const reason = alive ? 'found at start' : 'found at first start'
  await survey.tree(root, { reason, signal, beforeFirst })
  await noteAlive(store)
  await digestTheRest(parts, signal)
}

/** Until when all that happened is known. */
export async function noteAlive(store: JournalStore): Promise<void> {
  const value = String(Date.now())
  await store.change((database) =>
    database
      .insertInto('journal_fact')
      .values({ name: 'alive_at', value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute(),
  )
}

/** Places that are looked at in one statement, which takes some milliseconds. */
const together = 2000

/** Digests that were still to be found when the process before this one ended. */
async function digestTheRest({ store, digests }: StartParts, signal: AbortSignal): Promise<void> {
  for (let after: string | undefined = ''; after !== undefined && !signal.aborted; await setImmediate()) {
    const rows: Pick<Place, 'path' | 'kind' | 'hash' | 'etag'>[] = await store.reading
      .selectFrom('journal_place')
      .select(['path', 'kind', 'hash', 'etag'])
      .where('path', '>', after)
      .orderBy('path')
      .limit(together)
      .execute()
    for (const { path, kind, hash, etag } of rows) {
      if (kind === 'file' && hash === null && etag !== null) digests.later(parsePath(path), etag)
    }
    after = rows.length < together ? undefined : rows.at(-1)?.path
  }
}
