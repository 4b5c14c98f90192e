import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { streamBytes } from '../byte-stream.ts'
import { bodyFeed } from './body-feed.ts'
import { type Spooled, spooled } from './spooled.ts'

const unseen = (): void => {}

async function bytesIn(file: Spooled, length: number) {
  const pieces: Uint8Array[] = []
  for (let piece = await file.next(length); piece; piece = await file.next(length)) pieces.push(piece)
  return { bytes: Buffer.concat(pieces), lengths: pieces.map((piece) => piece.length) }
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spooled-'))
  vi.stubEnv('TMPDIR', folder)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const leftBehind = (): Promise<string[]> => readdir(folder)

describe('what is put on disk', () => {
  it('comes back whole, in pieces of the length that is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 5000 }),
        fc.integer({ min: 1, max: 1000 }),
        async (content, length) => {
          const file = await spooled(bodyFeed(streamBytes(content), {}))
          try {
            expect(file.size).toBe(content.length)
            const { bytes, lengths } = await bytesIn(file, length)
            expect(Buffer.compare(bytes, content)).toBe(0)
            expect(lengths.slice(0, -1).every((one) => one === length)).toBe(true)
          } finally {
            await file.release()
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is what is left of a body, and has no name there', async () => {
    const feed = bodyFeed(streamBytes(Buffer.from('first and rest')), {})
    await feed.fill(6, unseen)
    const file = await spooled(feed)
    expect(await leftBehind()).toEqual([])
    expect((await bytesIn(file, 100)).bytes.toString()).toBe('and rest')
    await file.release()
  })

  it('ends with its body when that breaks, and when it is called off', async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('gone')) })
    await expect(spooled(bodyFeed(broken, {}))).rejects.toThrow('gone')
    const signal = AbortSignal.abort()
    await expect(spooled(bodyFeed(streamBytes(Buffer.from('x')), {}), { signal })).rejects.toThrow('aborted')
    expect(await leftBehind()).toEqual([])
  })

  it('is no more than there may be, however much there is', async () => {
    let given = 0
    const endless = new ReadableStream<Uint8Array>(
      { pull: (controller) => controller.enqueue(new Uint8Array((given += 1) && 1000)) },
      { highWaterMark: 0 },
    )
    await expect(spooled(bodyFeed(endless, {}), { most: 4500 })).rejects.toMatchObject({ code: 'NoSpace' })
    expect(given).toBe(5)
    const file = await spooled(bodyFeed(streamBytes(new Uint8Array(4500)), {}), { most: 4500 })
    expect(file.size).toBe(4500)
    await file.release()
  })
})
