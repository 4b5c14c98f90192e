import { describe, expect, it } from 'vitest'
import { abortable, collectBytes, releaseBody, streamBytes } from './byte-stream.ts'
import { StorageError } from './error.ts'
import { gathered } from './testing/gathered.ts'

const isAborted = (error: unknown): boolean => StorageError.is(error, 'Aborted')

/** A body that gives one chunk and then nothing more, and tells when it is cancelled. */
function hangingBody() {
  const cancelled = Promise.withResolvers<unknown>()
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(3)),
    cancel: (reason) => cancelled.resolve(reason),
  })
  return { body, cancelled: cancelled.promise }
}

describe('streamBytes', () => {
  it('gives chunks that the reader may change without harm to the bytes', async () => {
    const bytes = new Uint8Array(100_000).fill(1)
    for await (const chunk of streamBytes(bytes)) chunk.fill(2)
    expect(bytes.every((byte) => byte === 1)).toBe(true)
  })

  it('gives no chunk for no bytes', async () => {
    expect(await gathered(streamBytes(new Uint8Array()))).toEqual([])
  })

  it('rejects reads once the signal is aborted', async () => {
    const controller = new AbortController()
    const reader = streamBytes(new Uint8Array(200_000), controller.signal).getReader()
    await reader.read()
    controller.abort()
    await expect(reader.read()).rejects.toSatisfy(isAborted)
  })

  it('ends well when the signal is aborted after the last byte', async () => {
    const controller = new AbortController()
    const reader = streamBytes(new Uint8Array(10), controller.signal).getReader()
    await reader.read()
    controller.abort()
    expect((await reader.read()).done).toBe(true)
  })
})

describe('collectBytes', () => {
  it('puts the chunks together', async () => {
    const bytes = Uint8Array.from({ length: 150_000 }, (_, place) => place)
    expect(Buffer.compare(await collectBytes(streamBytes(bytes)), bytes)).toBe(0)
  })

  it('rejects with TooLarge, and cancels the body, as soon as there is too much', async () => {
    const { body, cancelled } = hangingBody()
    await expect(collectBytes(body, undefined, 2)).rejects.toSatisfy((error) => StorageError.is(error, 'TooLarge'))
    await cancelled
  })

  it('takes exactly as much as it may', async () => {
    expect(await collectBytes(streamBytes(new Uint8Array(10)), undefined, 10)).toHaveLength(10)
  })

  it('ends a read that waits, and cancels the body, when the signal is aborted', async () => {
    const { body, cancelled } = hangingBody()
    const controller = new AbortController()
    const collecting = collectBytes(body, controller.signal)
    controller.abort()
    await expect(collecting).rejects.toSatisfy(isAborted)
    await cancelled
  })

  it('rejects with the reason of the signal where that is a StorageError', async () => {
    const reason = new StorageError('TimedOut', 'too slow')
    await expect(collectBytes(hangingBody().body, AbortSignal.abort(reason))).rejects.toBe(reason)
  })

  it('rejects with the error that broke the body', async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error('cable cut')) })
    await expect(collectBytes(broken)).rejects.toThrow('cable cut')
  })
})

describe('abortable', () => {
  it('cancels the body when the loop is left early', async () => {
    const { body, cancelled } = hangingBody()
    for await (const chunk of abortable(body)) {
      expect(chunk).toHaveLength(3)
      break
    }
    await expect(cancelled).resolves.toBeUndefined()
  })
})

describe('releaseBody', () => {
  it('cancels a body that nobody took', async () => {
    const { body, cancelled } = hangingBody()
    await releaseBody(body)
    await expect(cancelled).resolves.toBeUndefined()
  })

  it('leaves a body alone that somebody reads', async () => {
    const body = streamBytes(new Uint8Array(5))
    const reader = body.getReader()
    await releaseBody(body)
    expect((await reader.read()).value).toHaveLength(5)
  })

  it('does not mind a body that broke', async () => {
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error('broken')) })
    await expect(releaseBody(body)).resolves.toBeUndefined()
  })
})
