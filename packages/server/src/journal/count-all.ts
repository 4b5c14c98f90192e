import { setImmediate } from 'node:timers/promises'
import type { JournalDatabase } from './journal-store.ts'

export interface Totals {
  readonly entries: number
  readonly contents: number
  /** Of the contents. */
  readonly bytes: number
}

/** Rows that are counted in one statement, which takes a few milliseconds. Contents have to be read for it. */
const entriesTogether = 5000
const contentsTogether = 1000

/** Milliseconds. What was counted in less is counted anew each time; other figures are given again for so many times as long. */
const quick = 20
const stays = 50

/** Counts a part at a time, for all who ask meanwhile. Figures of large journals may be some seconds old. */
export function createTotals(database: JournalDatabase): () => Promise<Totals> {
  let counting: Promise<Totals> | undefined
  let known: { readonly totals: Totals; readonly until: number } | undefined

  async function count(): Promise<Totals> {
    const start = performance.now()
    const entries = await countEntries(database)
    const totals = { entries, ...(await sumContents(database)) }
    const end = performance.now()
    if (end - start > quick) known = { totals, until: end + (end - start) * stays }
    return totals
  }

  return async () => {
    if (known && performance.now() < known.until) return known.totals
    counting ??= count().finally(() => {
      counting = undefined
    })
    return counting
  }
}

async function countEntries(database: JournalDatabase): Promise<number> {
  let total = 0
  for (let after = 0; ; await setImmediate()) {
    const from = after
    const { count, last } = await database
      .selectFrom((row) =>
        row
          .selectFrom('journal_entry')
          .select('id')
          .where('id', '>', from)
          .orderBy('id')
          .limit(entriesTogether)
          .as('part'),
      )
      .select((row) => [row.fn.countAll<number>().as('count'), row.fn.max<number | null>('id').as('last')])
      .executeTakeFirstOrThrow()
    total += count
    if (last === null || count < entriesTogether) return total
    after = last
  }
}

/** All that is kept. */
export async function sumContents(database: JournalDatabase): Promise<Omit<Totals, 'entries'>> {
  let [contents, bytes] = [0, 0]
  for (let after = ''; ; await setImmediate()) {
    const from = after
    const part = await database
      .selectFrom((row) =>
        row
          .selectFrom('journal_content')
          .select(['hash', 'size'])
          .where('hash', '>', from)
          .orderBy('hash')
          .limit(contentsTogether)
          .as('part'),
      )
      .select((row) => [
        row.fn.countAll<number>().as('count'),
        row.fn.max<string | null>('hash').as('last'),
        row.fn.sum<number | null>('size').as('bytes'),
      ])
      .executeTakeFirstOrThrow()
    contents += part.count
    bytes += part.bytes ?? 0
    if (part.last === null || part.count < contentsTogether) return { contents, bytes }
    after = part.last
  }
}
