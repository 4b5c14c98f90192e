import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Row } from './row.ts'
import { rowSorter, type Sorting } from './sort-rows.ts'

const row = (name: string, parts: Partial<Row> = {}): Row => ({ name, type: 'File', size: 0, mtime: 0, ...parts })
async function sortRows(rows: readonly Row[], sorting: Sorting, pageSize = 5000): Promise<readonly Row[]> {
  const sorter = rowSorter(sorting)
  for (let start = 0; start < rows.length; start += pageSize) await sorter.add(rows.slice(start, start + pageSize))
  return sorter.sorted()
}
const names = async (rows: Row[], sorting: Sorting) => (await sortRows(rows, sorting)).map(({ name }) => name)

const mixed = [
  row('b10', { size: 5, mtime: 30 }),
  row('B9', { size: 7, mtime: 10 }),
  row('zoo', { type: 'Dir', size: 1, mtime: 20 }),
  row('ape', { type: 'SymlinkDir', size: 2, mtime: 40 }),
  row('a', { type: 'SymlinkFile', size: 6, mtime: 20 }),
]

test('folders stand first and names are in natural order', async () => {
  expect(await names(mixed, { field: 'name', order: 'asc' })).toEqual(['ape', 'zoo', 'a', 'B9', 'b10'])
})

test('descending order turns both groups round and leaves folders first', async () => {
  expect(await names(mixed, { field: 'name', order: 'desc' })).toEqual(['zoo', 'ape', 'b10', 'B9', 'a'])
})

test('size and mtime sort by their values', async () => {
  expect(await names(mixed, { field: 'size', order: 'asc' })).toEqual(['zoo', 'ape', 'b10', 'a', 'B9'])
  expect(await names(mixed, { field: 'mtime', order: 'desc' })).toEqual(['ape', 'zoo', 'b10', 'a', 'B9'])
})

test('what is not known comes before what is, and equal values are ordered by name', async () => {
  const rows = [row('c', { size: 1 }), row('b', { size: null }), row('a', { size: 1 })]
  expect(await names(rows, { field: 'size', order: 'asc' })).toEqual(['b', 'a', 'c'])
})

test('any number of rows is sorted, none is lost, and the order does not depend on how they came', async () => {
  const sorting = fc.record({
    field: fc.constantFrom('name' as const, 'mtime' as const, 'size' as const),
    order: fc.constantFrom('asc' as const, 'desc' as const),
  })
  await fc.assert(
    fc.asyncProperty(sorting, fc.integer({ min: 0, max: 6000 }), fc.nat(), async (sort, amount, seed) => {
      const rows = Array.from({ length: amount }, (_, at) =>
        row(`n${(at * 7919 + seed) % 10_007}`, { type: at % 5 === 0 ? 'Dir' : 'File', size: at % 13, mtime: at % 7 }),
      )
      const once = await sortRows(rows, sort)
      expect(once).toHaveLength(amount)
      expect(await sortRows(rows.toReversed(), sort, 1 + (seed % 3000))).toEqual(once)
    }),
    { numRuns: 15 },
  )
})

test('a hundred thousand rows are sorted without holding the event loop', async () => {
  const rows = Array.from({ length: 100_000 }, (_, at) => row(`file-${(at * 7919) % 100_003}.txt`, { size: at % 977 }))
  let turns = 0
  let running = true
  const count = (): void => {
    turns++
    if (running) setImmediate(count)
  }
  setImmediate(count)
  await sortRows(rows, { field: 'size', order: 'desc' })
  running = false
  expect(turns).toBeGreaterThan(10)
})
