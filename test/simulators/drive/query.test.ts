import { array, assert, constantFrom, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DriveError } from './drive-error.ts'
import { holds, parseQuery, termsOf } from './query.ts'

const isRefused = (q: string): boolean => {
  try {
    parseQuery(q)
    return false
  } catch (error) {
    if (error instanceof DriveError) return error.status === 400
    throw error
  }
}

describe('searches', () => {
  it('are read with their operators, values and escapes', () => {
    const q = `'a\\'b' in parents and (name = 'c\\\\d' or not mimeType contains 'x') and trashed=false`
    expect(parseQuery(q)).toEqual({
      kind: 'and',
      of: [
        { kind: 'term', field: 'parents', operator: 'in', value: "a'b" },
        {
          kind: 'or',
          of: [
            { kind: 'term', field: 'name', operator: '=', value: 'c\\d' },
            { kind: 'not', of: { kind: 'term', field: 'mimeType', operator: 'contains', value: 'x' } },
          ],
        },
        { kind: 'term', field: 'trashed', operator: '=', value: false },
      ],
    })
    expect(parseQuery(`properties has { key='k' and value='v' }`)).toMatchObject({ value: { key: 'k', value: 'v' } })
  })

  it.each([
    '',
    'name',
    'name =',
    "name = 'a",
    'name = "a"',
    "name = a'",
    "name like 'a'",
    "name = 'a' and",
    "(name = 'a'",
    "name = 'a')",
    "name = 'a' or name = 'b' and name = 'c'",
    "name = 'a\\b'",
    "'a' contains parents",
    "name = 'a' name = 'b'",
    "properties has 'a'",
  ])('are refused when they cannot be understood: %s', (q) => {
    expect(isRefused(q)).toBe(true)
  })

  it('hold what and, or and not say', () => {
    const isA = parseQuery("name = 'a' and not (name = 'b' or trashed = true)")
    const values: Record<string, unknown> = { name: 'a', trashed: false }
    const test = (field: string, value: unknown): boolean => values[field] === value
    expect(holds(isA, ({ field, value }) => test(field, value))).toBe(true)
    values.trashed = true
    expect(holds(isA, ({ field, value }) => test(field, value))).toBe(false)
    expect(termsOf(isA).map(({ field }) => field)).toEqual(['name', 'name', 'trashed'])
  })

  it('give back any text that was escaped as the reference says', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
        expect(parseQuery(`name = '${escaped}'`)).toMatchObject({ value: text })
      }),
    )
  })

  it('never fail in another way than by a refusal', () => {
    const pieces = ["'a'", '(', ')', 'and', 'or', 'not', 'name', '=', 'in', 'parents', '{', '}', '\\', "'", ' ', 'true']
    assert(
      property(array(constantFrom(...pieces)), (parts) => {
        expect([true, false]).toContain(isRefused(parts.join(' ')))
      }),
    )
  })
})
