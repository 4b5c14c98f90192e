import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unxz } from './unxz.ts'
import { xzStreams } from './xz-streams.ts'

const packed = readFileSync(new URL('../fixtures/ustar.tar.xz', import.meta.url))

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function unpacked(bytes: Uint8Array, size = 65_536): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of unxz(inPieces(bytes, size))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('xz data', () => {
  it('may consist of several streams, with padding between and behind them', async () => {
    const one = await unpacked(packed)
    expect(one.length).toBeGreaterThan(1000)
    const several = Buffer.concat([packed, packed, Buffer.alloc(8), packed, Buffer.alloc(4)])
    for (const size of [1, 7, 65_536]) expect(await unpacked(several, size)).toEqual(Buffer.concat([one, one, one]))
  })

  it('is damaged when a later stream is', async () => {
    const several = Buffer.concat([packed, packed])
    await expect(unpacked(several.subarray(0, -20))).rejects.toThrow('ends early')
    several[packed.length + 60] = (several[packed.length + 60] ?? 0) ^ 0xff
    await expect(unpacked(several)).rejects.toThrow('makes no sense')
  })

  it('is cut at the same places however it arrives', async () => {
    const count = fc.nat({ max: 3 })
    await fc.assert(
      fc.asyncProperty(count, fc.nat({ max: 5 }), fc.integer({ min: 1, max: 700 }), async (more, padding, size) => {
        const part = Buffer.concat([packed, Buffer.alloc(padding * 4)])
        const streams = xzStreams(inPieces(Buffer.concat(Array.from({ length: more + 1 }, () => part)), size))
        const lengths: number[] = []
        do {
          let length = 0
          for await (const chunk of streams.chunks()) length += chunk.length
          lengths.push(length)
        } while (await streams.next())
        expect(lengths).toEqual(Array.from({ length: more + 1 }, () => part.length))
      }),
      { numRuns: 40 },
    )
  })

  it('is not cut where only something like a header stands', async () => {
    const streams = xzStreams(inPieces(Buffer.concat([packed, packed.subarray(0, 11), packed]), 100))
    let length = 0
    for await (const chunk of streams.chunks()) length += chunk.length
    expect(length).toBe(packed.length * 2 + 11)
    expect(await streams.next()).toBe(false)
  })
})
