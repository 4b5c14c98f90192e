import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTime, hexOfBase64, parseTime } from './metadata.ts'

describe('the metadata of an object', () => {
  it.each([
    [0, '0'],
    [1_620_285_000_123, '1620285000.123'],
    [1_620_285_000_123.25, '1620285000.12325'],
    [1_620_285_000_000, '1620285000'],
    [-1500, '-1.5'],
  ])('the time %d is kept as %s', (milliseconds, text) => {
    expect(formatTime(milliseconds)).toBe(text)
    expect(parseTime(text)).toBe(milliseconds)
  })

  it('times come back as they were, to a thousandth of a millisecond', () => {
    const moment = fc.integer({ min: -8_000_000_000_000, max: 8_000_000_000_000 })
    fc.assert(
      fc.property(moment, fc.integer({ min: 0, max: 999 }), (whole, fraction) => {
        const time = whole + fraction / 1000
        expect(Math.abs((parseTime(formatTime(time)) ?? Number.NaN) - time)).toBeLessThan(0.0021)
      }),
    )
  })

  it('times that others wrote are read, and what is none is not', () => {
    expect(parseTime('1700000000.123456789')).toBeCloseTo(1_700_000_000_123.4568, 3)
    for (const text of [undefined, '', 'yesterday', '1e9', '1.2.3']) expect(parseTime(text)).toBeUndefined()
  })

  it('a digest in Base64 has to be one', () => {
    expect(hexOfBase64('1B2M2Y8AsgTpgAmY7PhCfg==', 16)).toBe('d41d8cd98f00b204e9800998ecf8427e')
    for (const text of [undefined, '', 'AAAA', '1B2M2Y8AsgTpgAmY7PhCfg==-5'])
      expect(hexOfBase64(text, 16)).toBeUndefined()
  })
})
