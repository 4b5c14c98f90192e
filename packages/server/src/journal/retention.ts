import type { ContentStore } from './content-store.ts'
import type { JournalStore } from './journal-store.ts'
import type { RetentionRules } from '../settings.ts'
import { removeByAge, removeByRevisions, removeBySize } from './prune.ts'

export interface RetentionParts {
  readonly store: JournalStore
  readonly content: ContentStore
  readonly rules: RetentionRules
  /** Milliseconds that a content stays which no entry needs: another process may be about to enter one. */
  readonly grace: number
}

export interface Retention {
  /** Removes what the rules do not keep, a part at a time. Unix milliseconds. */
  apply(now: number): Promise<void>
  /** Removes contents that are kept and needed by no entry. */
  sweep(now: number): Promise<void>
}

/** Contents that are looked up together. */
const together = 200

export function createRetention({ store, content, rules, grace }: RetentionParts): Retention {
  async function removeUnneeded(hashes: readonly string[], since: number): Promise<void> {
    // In turn with the entering, so that nothing is entered meanwhile that needs one of them.
    await store.change(async (database) => {
      const rows = await database.selectFrom('journal_content').select('hash').where('hash', 'in', hashes).execute()
      const needed = new Set(rows.map(({ hash }) => hash))
      for (const hash of hashes) if (!needed.has(hash) && !content.isHeld(hash)) await content.remove(hash, since)
    })
  }

  async function sweep(now: number): Promise<void> {
    let some: string[] = []
    for await (const kept of content.all()) {
      if (kept.modified > now - grace) continue
      if (kept.hash === undefined) {
        await content.discard(kept)
        continue
      }
      some.push(kept.hash)
      if (some.length < together) continue
      await removeUnneeded(some, now - grace)
      some = []
    }
    if (some.length > 0) await removeUnneeded(some, now - grace)
  }

  return {
    async apply(now) {
      if (rules.age !== undefined) await removeByAge(store, now - rules.age)
      if (rules.revisions !== undefined) await removeByRevisions(store, Math.max(1, rules.revisions))
      if (rules.size !== undefined) await removeBySize(store, rules.size)
      await sweep(now)
    },
    sweep,
  }
}
