import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareNatural, naturalKey } from './natural-order.ts'

const compare = (a: string, b: string): number => compareNatural(a, naturalKey(a), b, naturalKey(b))
const sorted = (...names: string[]): string[] => names.toSorted(compare)

test('numbers in names count as numbers', () => {
  expect(sorted('a10', 'a9', 'a1', 'a100')).toEqual(['a1', 'a9', 'a10', 'a100'])
  expect(sorted('v1.10.0', 'v1.9.3', 'v1.9.20')).toEqual(['v1.9.3', 'v1.9.20', 'v1.10.0'])
})

test('leading zeros do not count, except between names that are otherwise equal', () => {
  expect(sorted('img2', 'img010', 'img01', 'img1')).toEqual(['img01', 'img1', 'img2', 'img010'])
})

test('a number far beyond what a number type holds is still compared exactly', () => {
  expect(sorted('x90071992547409931', 'x90071992547409930')).toEqual(['x90071992547409930', 'x90071992547409931'])
})

test('case does not count', () => {
  expect(sorted('b', 'A', 'C', 'a', 'B')).toEqual(['A', 'a', 'B', 'b', 'C'])
})

test('letters with accents stand with their letters', () => {
  expect(sorted('zebra', 'été', 'eta', 'Äpfel', 'apfel')).toEqual(['apfel', 'Äpfel', 'eta', 'été', 'zebra'])
})

test('a shorter name stands before those it begins', () => {
  expect(sorted('read me', 'readme', 'read')).toEqual(['read', 'read me', 'readme'])
})

test('it agrees with the collator of the platform on ordinary names', () => {
  const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
  const name = fc.stringMatching(/^[a-zA-Z]{1,6}\d{0,5}[a-zA-Z]{0,3}\d{0,3}$/)
  fc.assert(
    fc.property(name, name, (a, b) => {
      const expected = Math.sign(collator.compare(a, b))
      fc.pre(expected !== 0)
      expect(Math.sign(compare(a, b))).toBe(expected)
    }),
  )
})

test('it is an order: antisymmetric, transitive, and equal only for the same name', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'A', 'é', '0', '1', '9', '-', '字', '😀'), maxLength: 6 })
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) || 0)
      expect(compare(a, b) === 0).toBe(a === b)
      const [first = '', , last = ''] = [a, b, c].toSorted(compare)
      expect(compare(first, last)).toBeLessThanOrEqual(0)
    }),
  )
})
