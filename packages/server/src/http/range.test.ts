import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentRange, parseRange, satisfiable } from './range.ts'

describe('a Range header', () => {
  it('is read in all its forms', () => {
    expect(parseRange('bytes=0-4')).toEqual([{ start: 0, end: 5 }])
    expect(parseRange('bytes=7-')).toEqual([{ start: 7 }])
    expect(parseRange('bytes=-9')).toEqual([{ suffix: 9 }])
    expect(parseRange('BYTES= 1-2 ,, 5- ')).toEqual([{ start: 1, end: 3 }, { start: 5 }])
  })

  it('may name bytes far behind the end, as programs do that do not know where it is', () => {
    const most = '9223372036854775807'
    const spans = (header: string) => satisfiable(parseRange(header) ?? [], 26)
    expect(spans(`bytes=5-${most}`)).toEqual([{ start: 5, end: 26 }])
    expect(spans(`bytes=-${most}`)).toEqual([{ start: 0, end: 26 }])
    expect(spans(`bytes=0-${'9'.repeat(400)}`)).toEqual([{ start: 0, end: 26 }])
    expect(spans(`bytes=-${'9'.repeat(400)}`)).toEqual([{ start: 0, end: 26 }])
    expect(spans(`bytes=${most}-`)).toEqual([])
  })

  it('counts as absent when it is malformed, of another unit, or asks for more than 100 ranges', () => {
    for (const header of [
      undefined,
      '',
      'bytes',
      'bytes=',
      'bytes=,',
      'bytes=5-4',
      'bytes=a-',
      'items=0-1',
      'bytes=1-2-3',
      'bytes=1-2 3-4',
    ]) {
      expect(parseRange(header), String(header)).toBeUndefined()
    }
    expect(parseRange(`bytes=${'0-0,'.repeat(100)}`)).toHaveLength(100)
    expect(parseRange(`bytes=${'0-0,'.repeat(101)}`)).toBeUndefined()
  })

  it('never throws, whatever it holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^bytes=[-\d, ]*$/)), (header) => {
        expect(() => parseRange(header)).not.toThrow()
      }),
    )
  })

  it('gives just the bytes that a reader of the same file would cut out', () => {
    const bytes = Buffer.from('abcdefghijklmnopqrstuvwxyz')
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), (first, last) => {
        const spans = satisfiable(parseRange(`bytes=${first}-${last}`) ?? [], bytes.length)
        const expected = first <= last ? bytes.subarray(first, last + 1).toString() : ''
        expect(spans.map(({ start, end }) => bytes.subarray(start, end).toString()).join('')).toBe(expected)
      }),
    )
    fc.assert(
      fc.property(fc.nat(40), (suffix) => {
        const spans = satisfiable([{ suffix }], bytes.length)
        const expected = suffix === 0 ? '' : bytes.subarray(-suffix).toString()
        expect(spans.map(({ start, end }) => bytes.subarray(start, end).toString()).join('')).toBe(expected)
      }),
    )
  })

  it('is answered with inclusive offsets', () => {
    expect(contentRange({ start: 0, end: 5 }, 26)).toBe('bytes 0-4/26')
  })
})
