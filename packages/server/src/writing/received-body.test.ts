import { createHash } from 'node:crypto'
import { collectBytes, StorageError } from '@filegate/core'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { receiveBody, type ReceivingRules } from './received-body.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const sha256 = (content: Uint8Array) => ({
  algorithm: 'sha256' as const,
  hex: createHash('sha256').update(content).digest('hex'),
})
const rules = (changes: Partial<ReceivingRules> = {}): ReceivingRules => ({
  digests: [],
  signal: new AbortController().signal,
  ...changes,
})
const streamOf = (...chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> => ReadableStream.from(chunks)
const code = (expected: string) => (error: unknown) => StorageError.is(error) && error.code === expected

afterEach(() => {
  vi.useRealTimers()
})

describe('a received body', () => {
  it('is what was sent, however it was cut, whether it is verified or not', async () => {
    const cut = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(cut, fc.boolean(), async (chunks, verified) => {
        const whole = Buffer.concat(chunks)
        const digests = verified ? [sha256(whole)] : []
        const { body, failure } = receiveBody(streamOf(...chunks), rules({ digests, size: whole.length }))
        expect(Buffer.from(await collectBytes(body)).equals(whole)).toBe(true)
        expect(failure()).toBeUndefined()
      }),
    )
  })

  it('never gives all bytes of a body that is not what was announced', async () => {
    const cut = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(cut, async (chunks) => {
        const digests = [sha256(bytes('something else'))]
        const { body, failure } = receiveBody(streamOf(...chunks), rules({ digests }))
        let given = 0
        const reading = (async () => {
          for await (const chunk of body) given += chunk.length
        })()
        await expect(reading).rejects.toSatisfy(code('InvalidArgument'))
        expect(given).toBeLessThan(Buffer.concat(chunks).length)
        expect(failure()).toMatchObject({ code: 'InvalidArgument' })
      }),
    )
  })

  it('is held against its digest also where it is empty and nobody would read it', () => {
    const digests = [sha256(bytes('x'))]
    expect(() => receiveBody(null, rules({ digests, size: 0 }))).toThrow(/was announced/)
  })

  it('waits with its last bytes for what has to work out before', async () => {
    const seen: string[] = []
    const beforeEnd = async (): Promise<void> => void seen.push('verified')
    const { body } = receiveBody(streamOf(bytes('1'), bytes('2')), rules({ beforeEnd }))
    for await (const chunk of body) seen.push(new TextDecoder().decode(chunk))
    expect(seen).toEqual(['1', 'verified', '2'])
  })

  it('breaks when the sender is silent for too long, but not while nobody reads', async () => {
    vi.useFakeTimers()
    const silent = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(bytes('1')) })
    const { body, failure } = receiveBody(silent, rules({ patience: 1000 }))
    const reader = body.getReader()
    expect((await reader.read()).done).toBe(false)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(failure()).toBeUndefined()
    const [waiting] = await Promise.all([Promise.allSettled([reader.read()]), vi.advanceTimersByTimeAsync(1001)])
    expect(waiting).toMatchObject([{ status: 'rejected', reason: { code: 'TimedOut', fate: 'permanent' } }])
  })

  it.each([
    ['it breaks', (body: ReadableStream<Uint8Array>) => collectBytes(body)],
    ['it is cancelled', (body: ReadableStream<Uint8Array>) => body.cancel()],
  ])('lets go of its source when %s', async (_what, end) => {
    const cancelled = vi.fn<() => void>()
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => controller.enqueue(new Uint8Array(50))
    const { body } = receiveBody(new ReadableStream({ pull, cancel: cancelled }), rules({ most: 100 }))
    await Promise.allSettled([end(body)])
    expect(cancelled).toHaveBeenCalledOnce()
  })
})
