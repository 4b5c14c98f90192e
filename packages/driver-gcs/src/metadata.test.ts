import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hexOfBase64, keptTime, parseTime, timeMetadata } from './metadata.ts'

describe('modification times', () => {
  it.each([
    [0, '1970-01-01T00:00:00Z', '0'],
    [1_700_000_000_123, '2023-11-14T22:13:20.123Z', '1700000000'],
    [-1500, '1969-12-31T23:59:58.5Z', '-2'],
    [999.9999999, '1970-01-01T00:00:01Z', '1'],
  ])('%d is kept as %s and %s', (time, mtime, seconds) => {
    expect(timeMetadata(time)).toEqual({ mtime, 'goog-reserved-file-mtime': seconds })
  })

  it('come back as they were kept', () => {
    const latest = Date.UTC(9999, 11, 31)
    fc.assert(
      fc.property(fc.double({ min: Date.UTC(1, 0, 1), max: latest, noNaN: true }), (time) => {
        expect(Math.abs((keptTime(timeMetadata(time)) ?? 0) - time)).toBeLessThan(0.01)
      }),
    )
  })

  it.each([
    ['2024-01-02T03:04:05.123456789+02:00', Date.UTC(2024, 0, 2, 1, 4, 5) + 123.456789],
    ['2024-01-02T03:04:05Z', Date.UTC(2024, 0, 2, 3, 4, 5)],
    ['yesterday', undefined],
    ['2024-13-02T03:04:05Z', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j means %d', (text, time) => {
    expect(parseTime(text)).toBe(time)
  })

  it('that nobody kept are none', () => {
    expect(keptTime(undefined)).toBeUndefined()
    expect(keptTime({ mtime: 'x', 'goog-reserved-file-mtime': 'y' })).toBeUndefined()
    expect(keptTime({ mtime: 'x', 'goog-reserved-file-mtime': '12' })).toBe(12_000)
  })
})

describe('digests', () => {
  it.each([
    ['rL0Y20zC+Fzt72VPzMSk2A==', 16, 'acbd18db4cc2f85cedef654fccc4a4d8'],
    ['rL0Y20zC+Fzt72VPzMSk2A==', 4, undefined],
    ['no digest!', 16, undefined],
    [undefined, 16, undefined],
  ])('%j of %i bytes is %s', (text, bytes, hex) => {
    expect(hexOfBase64(text, bytes)).toBe(hex)
  })
})
