import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestStream } from './digest-stream.ts'

const never = new AbortController().signal
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function chunked(bytes: Uint8Array, length: number): ReadableStream<Uint8Array> {
  const chunks: Uint8Array[] = []
  for (let begin = 0; begin < bytes.length; begin += length) chunks.push(bytes.slice(begin, begin + length))
  return ReadableStream.from(chunks)
}

describe('the digest of a stream', () => {
  it('is that of its bytes, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), fc.integer({ min: 1, max: 200 }), async (bytes, length) => {
        expect(await digestStream(chunked(bytes, length), bytes.length, never)).toBe(sha256(bytes))
      }),
    )
  })

  it('is the same when a thread computes it', async () => {
    const bytes = Uint8Array.from({ length: 5_000_011 }, (_, place) => place % 251)
    for (const length of [65_536, 999_983, 5_000_011]) {
      expect(await digestStream(chunked(bytes, length), undefined, never)).toBe(sha256(bytes))
    }
    expect(await digestStream(chunked(new Uint8Array(), 1), undefined, never)).toBe(sha256(new Uint8Array()))
    const slots = new Uint8Array(2 * 1024 * 1024)
    expect(await digestStream(chunked(slots, 65_536), undefined, never)).toBe(sha256(slots))
  })

  it.each([100, undefined])('fails as the stream does (size %s)', async (size) => {
    const body = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error('torn')) })
    await expect(digestStream(body, size, never)).rejects.toThrow('torn')
  })

  it.each([100, undefined])('ends and cancels the stream when aborted (size %s)', async (size) => {
    const leaving = new AbortController()
    let cancelled = false
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(10)),
      cancel: () => {
        cancelled = true
      },
    })
    const digest = digestStream(body, size, leaving.signal)
    leaving.abort()
    await expect(digest).rejects.toMatchObject({ code: 'Aborted' })
    expect(cancelled).toBe(true)
  })
})
