import { describe, expect, it } from 'vitest'
import { byteSize } from './byte-size.ts'
import { parseByteSize } from './parse-byte-size.ts'

describe('a size in bytes', () => {
  it.each([
    ['5242880', 5_242_880],
    ['0', 0],
    ['512K', 524_288],
    ['512Ki', 524_288],
    ['5M', 5_242_880],
    ['5mi', 5_242_880],
    ['5MiB', 5_242_880],
    ['3G', 3_221_225_472],
    ['1Ti', 1_099_511_627_776],
    ['1.5G', 1_610_612_736],
    [' 10 M ', 10_485_760],
    ['100B', 100],
  ])('%j is %i', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes)
  })

  it.each(['', 'M', '5X', '-5', '5 5', '1e3', '0x10', '5Mx', 'i', '99999999P', 'constructor'])('%j is none', (text) => {
    expect(parseByteSize(text)).toBeUndefined()
  })

  it('may be a number', () => {
    expect(byteSize().parse(5_242_880)).toBe(5_242_880)
    for (const odd of [-1, 1.5, Number.NaN, true]) expect(byteSize().safeParse(odd).success).toBe(false)
  })

  it('has bounds, which the error names', () => {
    const size = byteSize({ minimum: 5_242_880, maximum: 5_368_709_120 })
    expect(size.parse('5M')).toBe(5_242_880)
    expect(size.safeParse('4M').error?.issues[0]?.message).toContain('from 5242880 to 5368709120 bytes')
    expect(size.safeParse('6G').success).toBe(false)
  })

  it('can be off where the option allows that', () => {
    const size = byteSize({ canBeOff: true })
    for (const off of ['off', 'OFF', '-1', -1]) expect(size.parse(off)).toBe(-1)
    expect(byteSize().safeParse('off').success).toBe(false)
  })
})
