import { assert, constantFrom, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { queryOf, quoted } from './query.ts'

describe('a search', () => {
  it.each([
    [{ trashed: false }, 'trashed = false'],
    [{ parents: ['a'], trashed: false }, "trashed = false and 'a' in parents"],
    [{ parents: ['a', 'b'], trashed: false }, "trashed = false and ('a' in parents or 'b' in parents)"],
    [
      { parents: ['a'], names: ["it's", 'b\\c'], trashed: false },
      "trashed = false and 'a' in parents and (name = 'it\\'s' or name = 'b\\\\c')",
    ],
    [
      { sharedWithMe: true, starred: true, trashed: false },
      'trashed = false and sharedWithMe = true and starred = true',
    ],
    [
      { parents: ['a'], trashed: true },
      "(mimeType = 'application/vnd.google-apps.folder' or trashed = true) and 'a' in parents",
    ],
  ])('%j is %s', (search, query) => {
    expect(queryOf(search)).toBe(query)
  })

  it('lets no text out of its quotes', () => {
    assert(
      property(string({ unit: constantFrom("'", '\\', 'a', ' ', '\n') }), (text) => {
        const inside = quoted(text).slice(1, -1)
        expect(inside).toMatch(/^(?:[^'\\]|\\['\\])*$/)
        expect(inside.replaceAll(/\\(['\\])/g, '$1')).toBe(text)
      }),
    )
  })
})
