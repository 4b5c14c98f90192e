import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { arrangeRows, type Sorting, sortFields, sortOrders } from './arrange-rows.ts'
import type { Row } from './row.ts'
import { rowsOf, tableOfRows } from './row-columns.ts'

const row = (name: string, parts: Partial<Row> = {}): Row => ({ name, type: 'File', size: 0, mtime: 0, ...parts })

function sorted(rows: readonly Row[], sorting: Sorting): readonly Row[] {
  return rowsOf(arrangeRows(tableOfRows(rows), { sorting }).rows, 0, Infinity)
}
const names = (rows: Row[], sorting: Sorting) => sorted(rows, sorting).map(({ name }) => name)

const mixed = [
  row('b10', { size: 5, mtime: 30 }),
  row('B9', { size: 7, mtime: 10 }),
  row('zoo', { type: 'Dir', size: 1, mtime: 20 }),
  row('ape', { type: 'SymlinkDir', size: 2, mtime: 40 }),
  row('a', { type: 'SymlinkFile', size: 6, mtime: 20 }),
]

test('folders stand first and names are in natural order', () => {
  expect(names(mixed, { field: 'name', order: 'asc' })).toEqual(['ape', 'zoo', 'a', 'B9', 'b10'])
})

test('descending order turns both groups round and leaves folders first', () => {
  expect(names(mixed, { field: 'name', order: 'desc' })).toEqual(['zoo', 'ape', 'b10', 'B9', 'a'])
})

test('size and mtime sort by their values', () => {
  expect(names(mixed, { field: 'size', order: 'asc' })).toEqual(['zoo', 'ape', 'b10', 'a', 'B9'])
  expect(names(mixed, { field: 'mtime', order: 'desc' })).toEqual(['ape', 'zoo', 'b10', 'a', 'B9'])
})

test('what is not known comes before what is, and equal values are ordered by name', () => {
  const rows = [row('c', { size: 1 }), row('b', { size: null }), row('d', { size: null }), row('a', { size: 1 })]
  expect(names(rows, { field: 'size', order: 'asc' })).toEqual(['b', 'd', 'a', 'c'])
  expect(names(rows, { field: 'size', order: 'desc' })).toEqual(['c', 'a', 'd', 'b'])
})

const sortings = fc.record({ field: fc.constantFrom(...sortFields), order: fc.constantFrom(...sortOrders) })
const folders = fc.uniqueArray(
  fc.record({
    name: fc.string({ unit: fc.constantFrom('a', 'B', '1', '02', 'é', '.'), minLength: 1, maxLength: 4 }),
    type: fc.constantFrom('File', 'Dir', 'SymlinkFile', 'SymlinkDir'),
    size: fc.option(fc.nat(3)),
    mtime: fc.option(fc.integer({ min: -2, max: 2 })),
  }),
  { selector: ({ name }) => name, maxLength: 40 },
)

test('the order does not depend on how the rows came, and none is lost or changed', () => {
  fc.assert(
    fc.property(sortings, folders, (sorting, rows) => {
      const once = sorted(rows, sorting)
      expect(once).toHaveLength(rows.length)
      expect(once).toEqual(expect.arrayContaining(rows))
      expect(sorted(rows.toReversed(), sorting)).toEqual(once)
    }),
  )
})

test('parts that follow each other are the whole, whatever their length', () => {
  fc.assert(
    fc.property(sortings, folders, fc.integer({ min: 1, max: 7 }), (sorting, rows, limit) => {
      const found: Row[] = []
      for (let more = true; more; ) {
        const part = arrangeRows(tableOfRows(rows), { sorting, part: { limit, after: found.at(-1) } })
        found.push(...rowsOf(part.rows, 0, Infinity))
        more = part.more
      }
      expect(found).toEqual(sorted(rows, sorting))
    }),
  )
})

test('a part begins behind the row that was last, even when that is gone', () => {
  fc.assert(
    fc.property(sortings, folders, fc.nat(), (sorting, rows, seed) => {
      const all = sorted(rows, sorting)
      const after = all[seed % Math.max(1, all.length)]
      if (!after) return
      const left = rows.filter(({ name }) => name !== after.name)
      const { rows: part } = arrangeRows(tableOfRows(left), { sorting, part: { limit: 100, after } })
      expect(rowsOf(part, 0, Infinity)).toEqual(all.slice((seed % all.length) + 1))
    }),
  )
})
