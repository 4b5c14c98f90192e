import type { ByteRange } from '@filegate/core'
import { collectBytes } from '@filegate/core'
import { expect } from 'vitest'
import { expectRejection } from '../ask.ts'
import { largest, paths, sampleBytes, sizedPath } from '../gallery.ts'
import { type Rule, rule } from '../rule.ts'

const size = 65_537

/** Title, what is asked of a file of `size` bytes, and the bytes that it means. */
const satisfiable: readonly (readonly [string, ByteRange, number, number])[] = [
  ['a range gives the bytes from its start up to, not including, its end', { start: 10, end: 20 }, 10, 20],
  ['a range from the first byte gives as many as its end says', { start: 0, end: 1 }, 0, 1],
  ['a range of the last byte gives one byte', { start: size - 1 }, size - 1, size],
  ['a range without an end goes up to the last byte', { start: 65_000 }, 65_000, size],
  ['a range over the border of a chunk gives both sides', { start: 65_530, end: 65_537 }, 65_530, size],
  ['a range of the whole file gives the whole file', { start: 0, end: size }, 0, size],
  ['an end past the last byte is clamped', { start: 100, end: size + 1000 }, 100, size],
  ['a suffix gives the last so many bytes', { suffix: 100 }, size - 100, size],
  ['a suffix longer than the file gives the whole file', { suffix: size + 1000 }, 0, size],
]

const unsatisfiable: readonly (readonly [string, ByteRange])[] = [
  ['a range that starts at the end rejects with RangeNotSatisfiable', { start: size }],
  ['a range that starts past the last byte rejects with RangeNotSatisfiable', { start: size + 100, end: size + 200 }],
  ['a suffix of no bytes rejects with RangeNotSatisfiable', { suffix: 0 }],
]

const emptyFile: readonly (readonly [string, ByteRange])[] = [
  ['a range on an empty file rejects with RangeNotSatisfiable', { start: 0, end: 10 }],
  ['an open range on an empty file rejects with RangeNotSatisfiable', { start: 0 }],
  ['a suffix on an empty file rejects with RangeNotSatisfiable', { suffix: 10 }],
]

export const rangeRules: readonly Rule[] = [
  ...satisfiable.map(([title, range, start, end]) =>
    rule(title, {}, async (driver) => {
      const result = await driver.read(sizedPath(size), { range })
      expect(result.range).toEqual({ start, end })
      if (result.entry.size !== undefined) expect(result.entry.size).toBe(size)
      const bytes = await collectBytes(result.body)
      expect(bytes.length).toBe(end - start)
      expect(Buffer.compare(bytes, sampleBytes(size).subarray(start, end))).toBe(0)
    }),
  ),
  ...unsatisfiable.map(([title, range]) =>
    rule(title, {}, async (driver) => {
      await expectRejection(driver.read(sizedPath(size), { range }), 'RangeNotSatisfiable')
    }),
  ),
  ...emptyFile.map(([title, range]) =>
    rule(title, {}, async (driver) => {
      await expectRejection(driver.read(paths.empty, { range }), 'RangeNotSatisfiable')
    }),
  ),
  rule('a range in the middle of a large file gives exactly those bytes', {}, async (driver) => {
    const { body, range } = await driver.read(sizedPath(largest), { range: { start: 500_000, end: 900_001 } })
    expect(range).toEqual({ start: 500_000, end: 900_001 })
    const bytes = await collectBytes(body)
    expect(Buffer.compare(bytes, sampleBytes(largest).subarray(500_000, 900_001))).toBe(0)
  }),
  rule('a range of a missing path rejects with NotFound', {}, async (driver) => {
    await expectRejection(driver.read(paths.missing, { range: { start: 0, end: 1 } }), 'NotFound')
  }),
  rule('a range of a directory rejects with IsADirectory', {}, async (driver) => {
    await expectRejection(driver.read(paths.nested, { range: { start: 0, end: 1 } }), 'IsADirectory')
  }),
]
