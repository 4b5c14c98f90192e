import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type LocalChanges, parsePath } from '@filegate/core'
import { openLocalDriver } from '@filegate/driver-local'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type JournaledFolder, journaledFolder } from './testing/journaled-folder.ts'

let place: JournaledFolder
beforeEach(async () => {
  place = await journaledFolder()
})
afterEach(() => place.close())

it('a move that is seen while it happens is entered once, and takes every file along', async () => {
  const files = Array.from({ length: 30 }, (_, index) => `file ${index}`)
  mkdirSync(join(place.folder, 'here'))
  for (const file of files) writeFileSync(join(place.folder, 'here', file), file)
  await place.journal.flush()
  const driver = openLocalDriver({ root: place.folder, followsSymlinks: false, changes: { durable: false } })
  let looking: Promise<void> = Promise.resolve()
  const changes: LocalChanges = {
    ...driver,
    async move(path, options) {
      const entry = await driver.move(path, options)
      looking = place.journal.flush()
      // Whoever looks now has the time to enter what it sees, unless it waits for the end of the move.
      await Promise.race([looking, sleep(500)])
      return entry
    },
  }
  const [here, there] = [parsePath('here'), parsePath('there')]
  const slow = place.journal.journaled(changes)
  await slow.move(here, { destination: there })
  await looking
  await slow.move(there, { destination: here })
  await looking
  await driver.close()
  const { queries } = place.journal
  const { entries } = await queries.entries({ afterId: 0, limit: 1000, path: parsePath('') })
  const counts = Object.groupBy(entries, ({ op }) => op)
  expect(Object.fromEntries(Object.entries(counts).map(([op, some = []]) => [op, some.length]))).toEqual({
    mkdir: 1,
    create: 30,
    dir_moved_from: 2,
    dir_moved_to: 2,
    moved_from: 60,
    moved_to: 60,
  })
  expect(entries.filter(({ op, reason }) => op === 'moved_to' && reason !== null)).toEqual([])
})
