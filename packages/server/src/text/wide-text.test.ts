import { collectBytes, streamBytes } from '@filegate/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { narrowed, wideCharset } from './wide-text.ts'

const never = new AbortController().signal

/** The chunks are cut anywhere, also within a character. */
function chunked(bytes: Uint8Array, length: number): ReadableStream<Uint8Array> {
  const chunks: Uint8Array[] = []
  for (let begin = 0; begin < bytes.length; begin += length) chunks.push(bytes.slice(begin, begin + length))
  return ReadableStream.from(chunks)
}

describe('text in UTF-16', () => {
  it('is told by its mark, and by nothing else', () => {
    expect(wideCharset(Uint8Array.of(0xff, 0xfe))).toBe('utf-16le')
    expect(wideCharset(Uint8Array.of(0xfe, 0xff, 0))).toBe('utf-16be')
    for (const bytes of [[], [0xff], [0xff, 0xff], [0x61, 0x00]]) {
      expect(wideCharset(Uint8Array.from(bytes))).toBeUndefined()
    }
  })

  it('becomes the same text in UTF-8, any part of it', async () => {
    const place = fc.integer({ min: 0, max: 80 })
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), place, place, place, async (text, start, more, length) => {
        const wide = Buffer.from(`\ufeff${text}`, 'utf16le')
        const range = { start, end: start + more }
        const part = await collectBytes(narrowed(chunked(wide, length + 1), 'utf-16le', range, never))
        const whole = await collectBytes(narrowed(streamBytes(wide), 'utf-16le', undefined, never))
        expect(Buffer.from(whole).toString()).toBe(text)
        expect(Buffer.from(part).equals(Buffer.from(text).subarray(start, start + more))).toBe(true)
      }),
    )
  })
})
