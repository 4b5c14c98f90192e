import { array, assert, constantFrom, integer, property, record, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cursorText, orderedFolders, parseCursor } from './folders.ts'

const listing = array(
  record({
    name: string({ unit: constantFrom('a', 'b', '-', '/', '.', '0'), minLength: 1, maxLength: 5 }),
    kind: integer({ min: 0, max: 2 }),
  }),
  { maxLength: 25 },
)

describe('directories that a blob beside them marks', () => {
  it('come in the order of keys, on whatever pages, each once', () => {
    assert(
      property(listing, integer({ min: 1, max: 6 }), (entries, size) => {
        const kinds = new Map(entries.map(({ name, kind }) => [name, kind === 0]))
        const keys = [...kinds]
          .map(([name, isFolder]) => ({ name, isFolder: isFolder && !name.endsWith('/') }))
          .sort((a, b) => (a.name < b.name ? -1 : 1))
        const given: string[] = []
        let held: readonly string[] = []
        for (let start = 0; start < Math.max(1, keys.length); start += size) {
          const isLast = start + size >= keys.length
          const page = orderedFolders(keys.slice(start, start + size), { held, isLast })
          given.push(...page.placed.map((key) => (typeof key === 'string' ? key : key.name)))
          held = page.held
        }
        const expected = new Set(keys.map(({ name, isFolder }) => (isFolder ? `${name}/` : name)))
        return held.length === 0 && given.join('\n') === [...expected].sort().join('\n')
      }),
      { numRuns: 2000 },
    )
  })

  it('are kept in cursors, and only in those that were given out', () => {
    expect(cursorText({ token: 'next', held: [] })).toBe('next')
    const cursor = { token: 'next', held: ['a\n', 'b"'] }
    expect(parseCursor(cursorText(cursor))).toEqual(cursor)
    for (const text of ['\nnonsense', '\n{}', '\n[1]', '\n["a",2]']) expect(() => parseCursor(text)).toThrow('cursor')
  })
})
