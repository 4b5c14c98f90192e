import { describe, expect, it } from 'vitest'
import { type ConditionOutcome, evaluateConditions, ifRangeHolds } from './conditions.ts'
import type { Conditions } from './contract.ts'

const modified = Date.UTC(2026, 10, 21, 12, 0, 0) + 900
const earlier = modified - 2000
const later = modified + 2000
const entry = { etag: '"a"', modified }

const cases: readonly (readonly [title: string, conditions: Conditions, outcome: ConditionOutcome])[] = [
  ['nothing', {}, 'proceed'],
  ['if-match with the etag', { ifMatch: ['"x"', '"a"'] }, 'proceed'],
  ['if-match with another', { ifMatch: ['"x"'] }, 'failed'],
  ['if-match with *', { ifMatch: ['*'] }, 'proceed'],
  ['if-match with a weak form of the etag', { ifMatch: ['W/"a"'] }, 'failed'],
  ['if-match with nothing in it', { ifMatch: [] }, 'failed'],
  ['if-none-match with the etag', { ifNoneMatch: ['"a"'] }, 'not-modified'],
  ['if-none-match with a weak form of the etag', { ifNoneMatch: ['W/"a"'] }, 'not-modified'],
  ['if-none-match with *', { ifNoneMatch: ['*'] }, 'not-modified'],
  ['if-none-match with another', { ifNoneMatch: ['"x"'] }, 'proceed'],
  ['if-modified-since the same second', { ifModifiedSince: modified - 900 }, 'not-modified'],
  ['if-modified-since later', { ifModifiedSince: later }, 'not-modified'],
  ['if-modified-since earlier', { ifModifiedSince: earlier }, 'proceed'],
  ['if-unmodified-since the same second', { ifUnmodifiedSince: modified - 900 }, 'proceed'],
  ['if-unmodified-since earlier', { ifUnmodifiedSince: earlier }, 'failed'],
  ['if-match before if-unmodified-since', { ifMatch: ['"a"'], ifUnmodifiedSince: earlier }, 'proceed'],
  ['if-none-match before if-modified-since', { ifNoneMatch: ['"x"'], ifModifiedSince: later }, 'proceed'],
  ['if-match before if-none-match', { ifMatch: ['"x"'], ifNoneMatch: ['"a"'] }, 'failed'],
  ['if-match that holds, then if-none-match', { ifMatch: ['"a"'], ifNoneMatch: ['"a"'] }, 'not-modified'],
  ['if-unmodified-since, then if-modified-since', { ifUnmodifiedSince: later, ifModifiedSince: later }, 'not-modified'],
]

describe('conditions', () => {
  it.each(cases)('%s', (_title, conditions, outcome) => {
    expect(evaluateConditions(conditions, entry)).toBe(outcome)
  })

  it('match a weak etag only where weak comparison is enough', () => {
    const weak = { etag: 'W/"a"', modified }
    expect(evaluateConditions({ ifMatch: ['W/"a"'] }, weak)).toBe('failed')
    expect(evaluateConditions({ ifNoneMatch: ['"a"'] }, weak)).toBe('not-modified')
  })

  it('on what the entry does not say decide nothing, but an etag has to be there to match', () => {
    expect(evaluateConditions({ ifUnmodifiedSince: earlier }, { etag: '"a"' })).toBe('proceed')
    expect(evaluateConditions({ ifModifiedSince: later }, { etag: '"a"' })).toBe('proceed')
    expect(evaluateConditions({ ifMatch: ['"a"'] }, { modified })).toBe('failed')
    expect(evaluateConditions({ ifMatch: ['*'] }, { modified })).toBe('proceed')
    expect(evaluateConditions({ ifNoneMatch: ['"a"'] }, { modified })).toBe('proceed')
  })

  it('know that nothing matches where there is no file', () => {
    expect(evaluateConditions({ ifMatch: ['*'] }, undefined)).toBe('failed')
    expect(evaluateConditions({ ifNoneMatch: ['*'] }, undefined)).toBe('proceed')
    expect(evaluateConditions({ ifUnmodifiedSince: earlier }, undefined)).toBe('proceed')
  })
})

describe('If-Range', () => {
  it.each([
    ['"a"', '"a"', true],
    [' "a" ', '"a"', true],
    ['"b"', '"a"', false],
    ['W/"a"', 'W/"a"', false],
    ['W/"a"', '"a"', false],
    ['"a"', undefined, false],
    ['Sat, 21 Nov 2026 12:00:00 GMT', '"a"', false],
    ['*', '"a"', false],
  ])('%j holds for an entry with etag %j: %s', (validator, etag, holds) => {
    expect(ifRangeHolds(validator, { etag })).toBe(holds)
  })
})
