import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { parsePath } from '@filegate/core'
import { afterEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../../../../test/databases/describe-databases.ts'
import { createJournalStore } from './journal-store.ts'
import { removeByAge } from './prune.ts'
import { type JournaledFolder, journaledFolder, type JournaledOptions } from './testing/journaled-folder.ts'

await describeDatabases('retention', ({ url }) => {
  const journaled = async (settings: JournaledOptions = {}) =>
    journaledFolder({ ...settings, databaseUrl: await url() })
  let place: JournaledFolder
  afterEach(() => place.close())

  const page = { afterId: 0, limit: 1000 }
  const namesOfContents = (): readonly string[] =>
    readdirSync(place.contents, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('/'))
  const contents = (): number => namesOfContents().length

  /** Contents that are newer than the time at which the clearing up begins stay: our clock may be behind that of the files. */
  async function reopened(): Promise<JournaledFolder> {
    const newest = Math.max(...namesOfContents().map((name) => statSync(join(place.contents, name)).mtimeMs))
    while (Date.now() < newest) await setImmediate()
    return place.reopened()
  }

  async function numbers(path: string): Promise<(number | null)[]> {
    const entries = await place.journal.queries.history(parsePath(path), page)
    expect(await place.journal.queries.revisionsOf(parsePath(path))).toBe(entries.length)
    return entries.map(({ seq }) => seq)
  }

  describe('what is kept', () => {
    it('is so many revisions of each file, the newest', async () => {
      place = await journaled({ retention: { revisions: 2 } })
      for (const text of ['one', 'two', 'three', 'four']) await place.write('a', text)
      await place.write('b', 'one')
      place = await reopened()
      expect(await numbers('a')).toEqual([3, 4])
      expect(await numbers('b')).toEqual([1])
      // `one` is needed by the other file.
      expect(contents()).toBe(3)
      await place.write('a', 'five')
      expect(await numbers('a')).toEqual([3, 4, 5])
    })

    it('is missed where it was forgotten, whatever the clocks say, and nowhere else', async () => {
      place = await journaled({ retention: { revisions: 2 } })
      for (const text of ['one', 'two', 'three', 'four']) await place.write('a', text)
      await place.write('b', 'one')
      const before = async (path: string) => place.journal.queries.at(parsePath(path), 1)
      await expect(before('a')).rejects.toThrow('Nothing is known')
      place = await reopened()
      await expect(before('a')).rejects.toThrow('older than the journal keeps')
      await expect(before('b')).rejects.toThrow('Nothing is known')
      await expect(place.journal.queries.at(parsePath('b'), -5)).rejects.toThrow('Nothing is known')
    })

    it('does not become more when the clock is set back', async () => {
      place = await journaled({})
      const tables = await place.openTables()
      const store = createJournalStore(tables, () => undefined)
      await removeByAge(store, 5000)
      await removeByAge(store, 1000)
      await store.close()
      await expect(place.journal.queries.at(parsePath('a'), 2000)).rejects.toThrow('older than the journal keeps')
    })

    it('is all that happened since a time, and what stood there then', async () => {
      place = await journaled({ retention: { age: 100 } })
      await place.write('old', 'one')
      await place.write('old', 'two')
      await place.write('gone', 'x')
      await place.changes.remove(parsePath('gone'))
      await place.write('moved', 'y')
      await place.changes.move(parsePath('moved'), { destination: parsePath('here') })
      await sleep(150)
      await place.write('new', 'three')
      const { queries } = (place = await reopened()).journal
      expect(await numbers('old')).toEqual([2])
      expect(await numbers('new')).toEqual([1])
      expect(await numbers('here')).toEqual([2])
      expect(await queries.history(parsePath('gone'), page)).toEqual([])
      expect(await place.textAt('old', Date.now())).toBe('two')
      await expect(queries.at(parsePath('old'), Date.now() - 10_000)).rejects.toThrow('older than the journal keeps')
      await expect(queries.revision(parsePath('old'), 1)).rejects.toThrow('older than the journal keeps')
      expect(contents()).toBe(3)
    })

    it('is so much content, that of earlier states going first', async () => {
      place = await journaled({ retention: { size: 25 } })
      for (const text of ['1'.repeat(10), '2'.repeat(10), '3'.repeat(10)]) await place.write('a', text)
      await place.write('b', 'b'.repeat(10))
      place = await reopened()
      const kept = (await place.journal.queries.history(parsePath('a'), page)).map(({ after }) => after)
      expect(await numbers('a')).toEqual([1, 2, 3])
      const there = await place.journal.queries.kept(kept)
      expect(kept.map((hash) => hash !== null && there.has(hash))).toEqual([false, false, true])
      expect(contents()).toBe(2)
    })

    it('is counted truly for files that were moved, in what is left of their histories', async () => {
      place = await journaled({ retention: { revisions: 2 } })
      for (const text of ['one', 'two', 'three']) await place.write('from', text)
      await place.changes.move(parsePath('from'), { destination: parsePath('to') })
      for (const text of ['four', 'five', 'six']) await place.write('to', text)
      await place.write('from', 'another')
      place = await reopened()
      for (const path of ['from', 'to']) expect(await numbers(path)).not.toEqual([])
      await place.write('to', 'seven')
      await place.changes.move(parsePath('to'), { destination: parsePath('from'), overwrite: true })
      await numbers('from')
      place = await reopened()
      await numbers('from')
    })

    it('is everything, unless something else was said', async () => {
      place = await journaled()
      for (const text of ['one', 'two', 'three']) await place.write('a', text)
      place = await reopened()
      expect(await numbers('a')).toEqual([1, 2, 3])
      expect(contents()).toBe(3)
    })
  })
})
