import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMask, printMask } from './mask.ts'

describe('the value of an encoding option', () => {
  it.each([
    ['50438146', 50_438_146],
    [50_438_146, 50_438_146],
    ['0x301A002', 50_438_146],
    ['0X301_a002', 50_438_146],
    ['0x_301A002', 50_438_146],
    ['0b110', 6],
    ['0o17', 15],
    ['017', 15],
    ['0_7', 7],
    ['1_000', 1000],
    ['Slash,BackSlash,Del,Ctl,InvalidUtf8,Dot', 50_438_146],
    [' slash , BACKSLASH ,del,ctl,invalidutf8,dot ', 50_438_146],
    ['Slash,0x2000000', 33_554_434],
    ['None', 0],
    ['0', 0],
    ['Raw', 1],
    ['1', 1],
    ['4294967295', 4_294_967_295],
    ['0x80000000,Slash', 2_147_483_650],
  ])('%j means %i', (value, mask) => {
    expect(parseMask(value)).toBe(mask)
  })

  it.each(['', '  '])('%j asks for the default', (value) => {
    expect(parseMask(value)).toBeUndefined()
  })

  it.each([
    'Slsh',
    'Slash,',
    ',',
    '4294967296',
    '-1',
    '1.5',
    '0x',
    '0xG',
    '09',
    '1__0',
    '1_',
    '_1',
    '0b2',
    'Slash Dot',
  ])('%j is refused', (value) => {
    expect(() => parseMask(value)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }))
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32])('the number %d is refused', (value) => {
    expect(() => parseMask(value)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }))
  })

  it('names the unknown flag and the known ones', () => {
    expect(() => parseMask('Slash,Backslsh')).toThrow(/"Backslsh".*BackSlash/)
  })

  it.each([
    [0, 'None'],
    [1, 'Raw'],
    [50_331_650, 'Slash,InvalidUtf8,Dot'],
    [2 ** 31 + 2 ** 29 + 2, 'Slash,0x20000000,0x80000000'],
  ])('%i prints as %s', (mask, text) => {
    expect(printMask(mask)).toBe(text)
  })

  it('prints what it parses to the same mask', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (mask) => {
        expect(parseMask(printMask(mask))).toBe(mask)
        expect(parseMask(String(mask))).toBe(mask)
      }),
    )
  })
})
