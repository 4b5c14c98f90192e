import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { localAccessOf, parsePath } from '@filegate/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../../../../test/databases/describe-databases.ts'
import { createJournalStore, type JournalStore } from './journal-store.ts'
import { createMovesElsewhere, type MovesElsewhere } from './moves-elsewhere.ts'
import { foundAt } from './snapshot.ts'
import { type JournaledFolder, journaledFolder } from './testing/journaled-folder.ts'

await describeDatabases('a move that another process is at', ({ url }) => {
  const [here, there] = [parsePath('here'), parsePath('there')]
  let place: JournaledFolder
  let store: JournalStore
  let elsewhere: MovesElsewhere
  beforeEach(async () => {
    place = await journaledFolder({ isShared: true, databaseUrl: await url() })
    mkdirSync(join(place.folder, 'here'))
    for (let file = 0; file < 20; file++) writeFileSync(join(place.folder, 'here', `file ${file}`), String(file))
    await place.journal.flush()
    store = createJournalStore(await place.openTables(), () => undefined)
    elsewhere = elsewhereFor()
  })
  afterEach(async () => {
    await store.close()
    await place.close()
  })

  async function countsOf(): Promise<Record<string, number>> {
    const { entries } = await place.journal.queries.entries({ afterId: 0, limit: 1000, path: parsePath('') })
    const counts: Record<string, number> = {}
    for (const { op } of entries) counts[op] = (counts[op] ?? 0) + 1
    return counts
  }

  const elsewhereFor = (sayEvery?: number): MovesElsewhere =>
    createMovesElsewhere({ store, sayEvery, report: (error) => place.problems.push(error) })

  it('is waited for, and is one move in the history of each file', async () => {
    const over = await elsewhere.begin([here, there])
    renameSync(join(place.folder, 'here'), join(place.folder, 'there'))
    const flushed = place.journal.flush()
    expect(await Promise.race([flushed, sleep(1000, 'waits')])).toBe('waits')
    expect(await countsOf()).toEqual({ mkdir: 1, create: 20 })
    const local = localAccessOf(place.storage)
    const found = local && foundAt(local, there)
    if (!found) throw new Error('the folder is there')
    await store.enter([{ from: here, to: there, found, at: Date.now() }])
    await over()
    await flushed
    const moved = { moved_from: 20, moved_to: 20, dir_moved_from: 1, dir_moved_to: 1 }
    expect(await countsOf()).toEqual({ mkdir: 1, create: 20, ...moved })
  })

  it('keeps nobody waiting who looks elsewhere', async () => {
    const over = await elsewhere.begin([here, there])
    writeFileSync(join(place.folder, 'apart'), 'x')
    await place.journal.flush()
    expect(await countsOf()).toEqual({ mkdir: 1, create: 21 })
    await over()
  })

  it('is waited for no longer when who is at it says nothing any more, whatever the clocks say', async () => {
    const name = 'move/of-the-dead'
    const value = JSON.stringify({ at: Date.now() + 3_600_000, places: [here, there] })
    await store.change((database) => database.insertInto('journal_fact').values({ name, value }).execute())
    await elsewhereFor(20).over([here])
    expect(await store.reading.selectFrom('journal_fact').where('name', '=', name).selectAll().execute()).toEqual([])
  })

  it('keeps nobody waiting in its own process, which knows better', async () => {
    const over = await elsewhere.begin([here, there])
    await expect(elsewhere.over([here])).resolves.toBeUndefined()
    await over()
  })

  it('is spoken of again and again by who is at it', async () => {
    const over = await elsewhereFor(20).begin([here, there])
    const said = async (): Promise<unknown> =>
      (await store.reading.selectFrom('journal_fact').select('value').where('name', 'like', 'move/%').execute())[0]
    const first = await said()
    expect(first).toBeDefined()
    await expect.poll(said).not.toEqual(first)
    await over()
    expect(await said()).toBeUndefined()
  })

  it('is waited for as long as it is spoken of', async () => {
    const name = 'move/of-the-living'
    const valueAt = (at: number): string => JSON.stringify({ at, places: [here, there] })
    await store.change((database) =>
      database
        .insertInto('journal_fact')
        .values({ name, value: valueAt(0) })
        .execute(),
    )
    let looks = 0
    const reading = store.reading.withPlugin({
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        const value = valueAt(++looks)
        await store.change((database) =>
          database.updateTable('journal_fact').set({ value }).where('name', '=', name).execute(),
        )
        return result
      },
    })
    const report = (error: unknown): unknown => place.problems.push(error)
    // Whoever says the same at two looks counts as dead.
    const waited = createMovesElsewhere({ store: { ...store, reading }, sayEvery: 0, report }).over([here])
    await expect.poll(() => looks).toBeGreaterThan(5)
    await store.change((database) => database.deleteFrom('journal_fact').where('name', '=', name).execute())
    await waited
  })
})
