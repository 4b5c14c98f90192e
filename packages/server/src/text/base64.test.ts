import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base64Length, base64Of } from './base64.ts'

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

async function encode(chunks: readonly Uint8Array[]): Promise<string> {
  let text = ''
  for await (const piece of base64Of(each(chunks))) text += Buffer.from(piece).toString('latin1')
  return text
}

describe('base64 of a stream', () => {
  it('is what encoding everything at once gives, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 12 }), async (chunks) => {
        const whole = Buffer.concat(chunks)
        const text = await encode(chunks)
        expect(text).toBe(whole.toString('base64'))
        expect(text.length).toBe(base64Length(whole.length))
      }),
      { numRuns: 500 },
    )
  })

  it('is right for chunks longer than a piece, and leaves the bytes of a chunk alone', async () => {
    const chunks = [1, 2_000_003, 2, 786_432, 786_433].map((length, ordinal) => Buffer.alloc(length, 65 + ordinal))
    const before = Buffer.concat(chunks)
    expect(await encode(chunks)).toBe(before.toString('base64'))
    expect(Buffer.concat(chunks).equals(before)).toBe(true)
  })
})
