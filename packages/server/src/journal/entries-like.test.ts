import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePath } from '@filegate/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeDatabases } from '../../../../test/databases/describe-databases.ts'
import { createTotals, sumContents } from './count-all.ts'
import { entriesLike, type EntryFilter } from './entries-like.ts'
import type { JournalEntry } from './entry.ts'
import { type JournalTables, openJournalTables } from './journal-tables.ts'
import { writeContents, writeEntries } from './write-rows.ts'

const count = 100_000
const nothing = {
  seq: 1,
  line: 1,
  shift: 0,
  since: null,
  before: null,
  after: null,
  size_before: null,
  size_after: null,
} as const
const none = { source: null, dest: null, old_mode: null, new_mode: null, old_uid: null, new_uid: null } as const

/** Every thousandth is in a small folder, every other one at a path of its own or of one file. */
const pathOf = (id: number): string => {
  if (id % 1000 === 0) return 'small/Ä'
  return id % 2 === 0 ? 'log.txt' : `large/${id % 5}`
}
const rowOf = (id: number) => {
  const op = id === 77_777 ? 'gap' : 'write'
  return {
    ...nothing,
    ...none,
    id,
    ts: id * 10,
    op,
    path: pathOf(id),
    old_gid: null,
    new_gid: null,
    reason: null,
    modified: null,
  } as const
}

await describeDatabases('a journal of 100,000 entries', ({ makeUrl }) => {
  let directory: string
  let tables: JournalTables
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'filegate-entries-'))
    const url = await makeUrl()
    tables = await openJournalTables({ directory, postgres: url === undefined ? undefined : { url, schema: 'many' } })
    await tables.database.transaction().execute(async (database) => {
      await writeEntries(
        database,
        Array.from({ length: count }, (_, index) => rowOf(index + 1)),
      )
      await writeContents(
        database,
        Array.from({ length: 5000 }, (_, index) => ({ hash: `hash ${index}`, size: 2 })),
      )
    })
  })
  afterAll(async () => {
    await tables.close()
    rmSync(directory, { recursive: true })
  })

  /** All pages, and how many there were. */
  async function all(filter: Partial<EntryFilter>): Promise<{ entries: JournalEntry[]; pages: number }> {
    const entries: JournalEntry[] = []
    let pages = 0
    for (let afterId: number | undefined = 0; afterId !== undefined; pages++) {
      const whole: EntryFilter = { path: parsePath(''), limit: 1000, afterId, ...filter }
      const page = await entriesLike(tables.reading, { ...whole, afterId })
      expect(page.entries.length).toBeLessThanOrEqual(1000)
      entries.push(...page.entries)
      afterId = page.next
    }
    return { entries, pages }
  }
  const ids = (filter: (id: number) => boolean): number[] =>
    Array.from({ length: count }, (_, index) => index + 1).filter(filter)

  it.each([
    ['of a small folder, at once', { path: parsePath('small') }, (id: number) => id % 1000 === 0, 1],
    ['of one file', { path: parsePath('small/Ä') }, (id: number) => id % 1000 === 0, 1],
    ['of a file with many', { path: parsePath('log.txt'), limit: 1000 }, (id: number) => pathOf(id) === 'log.txt', 50],
    ['of a large folder', { path: parsePath('large') }, (id: number) => id % 2 === 1, 50],
    ['of one kind, though some pages are empty', { ops: ['gap'] as const }, (id: number) => id === 77_777, 3],
    ['since a time, going there at once', { since: 999_990 }, (id: number) => id >= 99_999, 1],
    ['since a time that is to come', { since: 1e12 }, () => false, 1],
    ['of everything', {}, () => true, 100],
  ])('gives those %s', async (_what, filter, isMeant, pages) => {
    const found = await all(filter)
    expect(found.entries.map(({ id }) => id)).toEqual(ids(isMeant))
    expect(found.pages).toBeLessThanOrEqual(pages)
  })

  it('is counted whole', async () => {
    expect(await sumContents(tables.reading)).toEqual({ contents: 5000, bytes: 10_000 })
    const totals = createTotals(tables.reading)
    const figures = { entries: count, contents: 5000, bytes: 10_000 }
    expect(await Promise.all([totals(), totals()])).toEqual([figures, figures])
  })
})
