import { join } from 'node:path'
import { mkdirSync, writeFileSync } from 'node:fs'
import { parsePath } from '@filegate/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type JournaledFolder, journaledFolder } from './testing/journaled-folder.ts'

let place: JournaledFolder
beforeEach(async () => {
  place = await journaledFolder()
})
afterEach(() => place.close())

it('a move that is seen while it happens is entered once, and takes every file along', {
  timeout: 20_000,
}, async () => {
  const files = Array.from({ length: 300 }, (_, index) => `file ${index}`)
  mkdirSync(join(place.folder, 'here'))
  for (const file of files) writeFileSync(join(place.folder, 'here', file), file)
  await place.journal.flush()
  let [from, to] = [parsePath('here'), parsePath('there')]
  const moving = new AbortController()
  const looking = (async () => {
    while (!moving.signal.aborted) await place.journal.flush()
  })()
  for (let round = 0; round < 6; round++) {
    await place.changes.move(from, { destination: to })
    ;[from, to] = [to, from]
  }
  moving.abort()
  await looking
  const { queries } = place.journal
  const page = { afterId: 0, limit: 100_000 }
  const entries = await queries.entries({ ...page, path: parsePath('') })
  const counts = Object.groupBy(entries, ({ op }) => op)
  expect(Object.fromEntries(Object.entries(counts).map(([op, some]) => [op, some.length]))).toEqual({
    mkdir: 1,
    create: 300,
    dir_moved_from: 6,
    dir_moved_to: 6,
    moved_from: 1800,
    moved_to: 1800,
  })
  expect(await queries.revisionsOf(parsePath('here/file 0'))).toBe(
    (await queries.history(parsePath('here/file 0'), page)).length,
  )
})
