import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFileSearch } from './file-search.ts'
import type { FileLimits } from './grep-match.ts'
import { createLineMatcher } from './line-matcher.ts'
import { parsePattern } from './parse-pattern.ts'

const matcher = createLineMatcher(parsePattern('[ax]', { ignoreCase: false, fixedString: false }))

function search(pieces: readonly Buffer[], limits: FileLimits) {
  const file = createFileSearch(matcher, limits)
  // What is pushed is overwritten afterwards, as by a reader that uses one buffer again and again.
  for (const piece of pieces) {
    const bytes = Buffer.from(piece)
    const wantsMore = file.push(bytes)
    bytes.fill('x')
    if (!wantsMore) break
  }
  return file.finish()
}

/** The plain way: split into lines, look at each. */
function searchLines(text: string, { context, maxCount }: FileLimits) {
  const lines = text.replace(/\n$/, '').split('\n')
  if (text === '') return []
  return lines
    .flatMap((line, place) => {
      const column = line.search(/[ax]/)
      const before = lines.slice(Math.max(0, place - context), place)
      const after = lines.slice(place + 1, place + 1 + context)
      return column === -1 ? [] : [{ line: place + 1, column, text: line, before, after }]
    })
    .slice(0, maxCount)
}

const text = fc
  .array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 5 }), { maxLength: 20 })
  .chain((lines) => {
    return fc.constantFrom('', '\n').map((end) => lines.join('\n') + end)
  })

describe('the search of one file', () => {
  it('finds the same lines however the bytes come', () => {
    fc.assert(
      fc.property(
        text,
        fc.array(fc.nat(100), { maxLength: 6 }),
        fc.record({ context: fc.nat(3), maxCount: fc.integer({ min: 1, max: 5 }) }),
        (content, cuts, limits) => {
          const bytes = Buffer.from(content)
          const places = [
            0,
            ...cuts.filter((cut) => cut < bytes.length).sort((one, other) => one - other),
            bytes.length,
          ]
          const pieces = places.slice(1).map((end, place) => bytes.subarray(places[place], end))
          expect(search(pieces, limits)).toEqual(searchLines(content, limits))
        },
      ),
    )
  })

  it('tells a mark of the encoding apart although it comes byte by byte', () => {
    const bytes = Buffer.from('\uFEFFb\na\n', 'utf16le')
    const pieces = Array.from(bytes, (byte) => Buffer.from([byte]))
    expect(search(pieces, { context: 1, maxCount: 5 })).toEqual([
      { line: 2, column: 0, text: 'a', before: ['b'], after: [] },
    ])
  })

  it('finds no lines in a binary file, wherever the NUL comes', () => {
    const limits = { context: 0, maxCount: 1000 }
    expect(search([Buffer.from('a\n'), Buffer.from('\0')], limits)).toBeUndefined()
    expect(search([Buffer.from('\0a\n')], limits)).toBeUndefined()
  })

  it('holds a line that is longer than any piece together', () => {
    const pieces = Array.from({ length: 50 }, () => Buffer.alloc(10_000, 'b'))
    const [match] = search([...pieces, Buffer.from('a\n')], { context: 0, maxCount: 5 }) ?? []
    expect(match).toMatchObject({ line: 1, column: 500_000, text: 'b'.repeat(4096) })
  })
})
