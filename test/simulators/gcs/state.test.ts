import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareNames, nextMoment } from './state.ts'

describe('the state of the storage simulator', () => {
  it('orders names by their UTF-8 bytes', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'é', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', '\u{1f600}'),
      maxLength: 4,
    })
    fc.assert(
      fc.property(name, name, (one, two) => {
        expect(Math.sign(compareNames(one, two))).toBe(Buffer.compare(Buffer.from(one), Buffer.from(two)))
      }),
    )
  })

  it('never gives a generation twice', () => {
    const generations = Array.from({ length: 1000 }, () => nextMoment().generation)
    expect(new Set(generations).size).toBe(1000)
    expect(generations.toSorted((one, two) => one - two)).toEqual(generations)
  })
})
