import { expect, it } from 'vitest'
import { asksNothing, rangeHeader } from './range-header.ts'

it('a range is written with its last byte', () => {
  expect(rangeHeader({ start: 5, end: 10 })).toBe('bytes=5-9')
  expect(rangeHeader({ start: 5 })).toBe('bytes=5-')
  expect(rangeHeader({ suffix: 3 })).toBe('bytes=-3')
})

it('what holds no byte cannot be written', () => {
  for (const range of [{ suffix: 0 }, { start: 5, end: 5 }, { start: 5, end: 2 }]) expect(asksNothing(range)).toBe(true)
  for (const range of [{ suffix: 1 }, { start: 5 }, { start: 0, end: 1 }]) expect(asksNothing(range)).toBe(false)
})
