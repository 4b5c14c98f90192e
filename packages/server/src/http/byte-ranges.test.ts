import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coalesced, multipartRanges } from './byte-ranges.ts'
import type { Span } from './range.ts'

const spanArbitrary = fc
  .tuple(fc.nat(200), fc.integer({ min: 1, max: 50 }))
  .map(([start, length]) => ({ start, end: start + length }))
const covered = (spans: readonly Span[]): Set<number> =>
  new Set(spans.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index)))

describe('several ranges', () => {
  it('cover the same bytes when joined, each byte once', () => {
    fc.assert(
      fc.property(fc.array(spanArbitrary, { minLength: 1, maxLength: 8 }), (spans) => {
        const joined = coalesced(spans)
        expect(covered(joined)).toEqual(covered(spans))
        const total = joined.reduce((sum, { start, end }) => sum + end - start, 0)
        const once = joined === spans ? total : covered(spans).size
        expect(total).toBe(once)
      }),
    )
  })

  it('keep the order they were asked for in when none overlap', () => {
    const spans = [
      { start: 20, end: 22 },
      { start: 0, end: 2 },
    ]
    expect(coalesced(spans)).toBe(spans)
  })

  it('are announced with the length that the body then has, and open one part at a time', async () => {
    let open = 0
    const parts = multipartRanges(
      [
        { start: 0, end: 3 },
        { start: 5, end: 6 },
      ],
      10,
      'text/plain',
      async ({ start, end }) => {
        open += 1
        return new Blob(['0123456789'.slice(start, end)]).stream()
      },
    )
    expect(open).toBe(0)
    const text = await new Response(parts.body()).text()
    expect(text).toHaveLength(parts.length)
    expect(text).toContain('Content-Range: bytes 5-5/10\r\n\r\n5')
    expect(open).toBe(2)
  })

  it('stop opening parts when the reader goes away', async () => {
    let open = 0
    const spans = [
      { start: 0, end: 1 },
      { start: 2, end: 3 },
      { start: 4, end: 5 },
    ]
    const parts = multipartRanges(spans, 10, 'text/plain', async () => {
      open += 1
      return new Blob(['x']).stream()
    })
    const reader = parts.body().getReader()
    await reader.read()
    await reader.read()
    await reader.cancel()
    expect(open).toBeLessThan(3)
  })
})
