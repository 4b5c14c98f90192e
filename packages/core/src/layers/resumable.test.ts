import { describe, expect, it } from 'vitest'
import { collectBytes, streamBytes } from '../byte-stream.ts'
import { pulledBody } from './pulled.ts'
import { resumable } from './resumable.ts'

const whole = Uint8Array.from({ length: 10 }, (_, place) => place)

/** The bytes from `offset`, one a chunk, that break after `length`. */
function breaking(offset: number, length: number, error: unknown = new Error('broken')): ReadableStream<Uint8Array> {
  let place = offset
  return pulledBody({
    async next() {
      if (place === offset + length) throw error
      return place < whole.length ? whole.slice(place, ++place) : undefined
    },
    async cancel() {},
  })
}

const ended = (bytes: Uint8Array): ReadableStream<Uint8Array> => streamBytes(bytes)

describe('a resumable body', () => {
  it('goes on where it broke, as often as it breaks', async () => {
    const offsets: number[] = []
    const body = resumable(breaking(0, 1), {
      recover: async (_error, offset) => {
        offsets.push(offset)
        return breaking(offset, 4)
      },
    })
    expect(await collectBytes(body)).toEqual(whole)
    expect(offsets).toEqual([1, 5, 9])
  })

  it('gives the error that recovering ends in', async () => {
    const body = resumable(breaking(0, 3), { recover: () => Promise.reject(new Error('for good')) })
    await expect(collectBytes(body)).rejects.toThrow('for good')
  })

  it('takes an end before the known length for a break', async () => {
    const errors: unknown[] = []
    const body = resumable(ended(whole.slice(0, 4)), {
      length: 10,
      recover: async (error, offset) => {
        errors.push(error)
        return ended(whole.slice(offset))
      },
    })
    expect(await collectBytes(body)).toEqual(whole)
    expect(errors).toEqual([expect.objectContaining({ message: 'The body ended after 4 of 10 bytes.' })])
  })

  it('never passes on more than the known length without an error', async () => {
    const body = resumable(ended(whole), { length: 9, recover: () => Promise.reject(new Error('not asked')) })
    await expect(collectBytes(body)).rejects.toThrow('10 of 9')
  })

  it('is whole when all has come before it breaks', async () => {
    const body = resumable(breaking(0, 10), { length: 10, recover: () => Promise.reject(new Error('not asked')) })
    expect(await collectBytes(body)).toEqual(whole)
  })

  it('asks for nothing before its consumer does', async () => {
    let asked = 0
    const source = pulledBody({
      async next() {
        asked += 1
        return whole
      },
      async cancel() {},
    })
    const reader = resumable(source, { recover: () => Promise.reject(new Error('not asked')) }).getReader()
    await Promise.resolve()
    expect(asked).toBe(0)
    await reader.read()
    expect(asked).toBe(1)
  })

  it('passes a cancellation on to the body in hand', async () => {
    const cancelled: unknown[] = []
    const body = resumable(breaking(0, 1), {
      recover: async () =>
        pulledBody({ next: async () => whole.slice(1), cancel: async (reason) => void cancelled.push(reason) }),
    })
    const reader = body.getReader()
    await reader.read()
    await reader.read()
    await reader.cancel('enough')
    expect(cancelled).toEqual(['enough'])
  })

  it('tells a recovery under way that the consumer has gone, and drops what still comes', async () => {
    const cancelled: unknown[] = []
    const recovery = Promise.withResolvers<ReadableStream<Uint8Array>>()
    const began = Promise.withResolvers<AbortSignal>()
    const body = resumable(breaking(0, 0), {
      recover(_error, _offset, signal) {
        began.resolve(signal)
        return recovery.promise
      },
    })
    const reader = body.getReader()
    const reading = reader.read()
    const signal = await began.promise
    await reader.cancel('enough')
    expect(signal.aborted).toBe(true)
    const late = Promise.withResolvers<void>()
    recovery.resolve(
      pulledBody({
        next: async () => whole,
        cancel: async (reason) => {
          cancelled.push(reason)
          late.resolve()
        },
      }),
    )
    await late.promise
    expect(await reading).toEqual({ done: true, value: undefined })
    expect(cancelled).toEqual(['enough'])
  })

  it('is cancelled without an error where the signal also ends the body that it went on with', async () => {
    const body = resumable(breaking(0, 1), {
      recover: async (_error, _offset, signal) =>
        new ReadableStream({
          start: (controller) => signal.addEventListener('abort', () => controller.error(signal.reason)),
          pull: (controller) => controller.enqueue(whole.slice(1)),
        }),
    })
    const reader = body.getReader()
    await reader.read()
    await reader.read()
    await expect(reader.cancel()).resolves.toBeUndefined()
  })
})
