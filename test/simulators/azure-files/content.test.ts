import { array, assert, constantFrom, nat, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { createContent } from './content.ts'

const size = 200_000
const change = record({
  kind: constantFrom('write', 'clear', 'shrink', 'grow'),
  start: nat(size),
  length: nat(size),
})

it('holds what plain bytes would hold, whatever is written and cleared', () => {
  assert(
    property(array(change, { maxLength: 12 }), (changes) => {
      const content = createContent(size)
      let plain = Buffer.alloc(size)
      for (const [index, { kind, start, length }] of changes.entries()) {
        const end = Math.min(content.size, start + length)
        if (kind === 'write' && start < end) {
          const bytes = Buffer.alloc(end - start, index + 1)
          content.write(start, bytes)
          bytes.copy(plain, start)
        } else if (kind === 'clear' && start < end) {
          content.clear(start, end)
          plain.fill(0, start, end)
        } else if (kind === 'shrink' && start < content.size) {
          content.resize(start)
          plain = plain.subarray(0, start)
        } else if (kind === 'grow' && content.size < size) {
          content.resize(size)
          plain = Buffer.concat([plain, Buffer.alloc(size - plain.length)])
        }
      }
      expect(content.size).toBe(plain.length)
      expect(content.read(0, content.size).equals(plain)).toBe(true)
      // Outside of what has been written there are zeros.
      for (const [start, last] of content.ranges()) plain.fill(0, start, last + 1)
      expect(plain.equals(Buffer.alloc(plain.length))).toBe(true)
    }),
    { numRuns: 60 },
  )
})

it('reports what has been written in units of 512 bytes, as in the published example of clearing', () => {
  const content = createContent(65_536)
  content.write(0, Buffer.alloc(65_536, 1))
  content.clear(768, 2305)
  expect(content.ranges()).toEqual([
    [0, 1023],
    [2048, 65_535],
  ])
  expect(content.read(0, 65_536).indexOf(0)).toBe(768)
  expect(content.read(0, 65_536).indexOf(1, 768)).toBe(2305)
})

it('costs nothing where nothing is written', () => {
  const content = createContent(4 * 1024 ** 4)
  content.write(3 * 1024 ** 4, Buffer.from('far away'))
  expect(content.read(3 * 1024 ** 4, 3 * 1024 ** 4 + 8).toString()).toBe('far away')
  expect(content.ranges()).toEqual([[3 * 1024 ** 4, 3 * 1024 ** 4 + 511]])
})

it('keeps a copy apart from what it was made of', () => {
  const content = createContent(4)
  content.write(0, Buffer.from('once'))
  const copy = content.copy()
  content.write(0, Buffer.from('then'))
  expect(copy.read(0, 4).toString()).toBe('once')
})
