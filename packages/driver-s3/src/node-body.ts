import { abortedBy, pulledBody } from '@filegate/core'
import { Readable } from 'node:stream'

/** A stream of Node as a body: read only as fast as it is asked for, ended by `signal`, never short without an error. */
export function bodyOf(stream: Readable, signal?: AbortSignal): ReadableStream<Uint8Array> {
  let isEnded = false
  let failure: { readonly error: unknown } | undefined
  let wake = (): void => {}
  const abort = (): void => {
    if (!signal) return
    failure ??= { error: abortedBy(signal) }
    stream.destroy()
    wake()
  }
  const fail = (error: unknown): void => {
    failure ??= { error }
    wake()
  }
  stream.on('readable', () => wake())
  stream.on('end', () => {
    isEnded = true
    wake()
  })
  stream.on('error', fail)
  stream.on('close', () => {
    signal?.removeEventListener('abort', abort)
    if (!isEnded) fail(Object.assign(new Error('The connection ended before the body did.'), { code: 'ECONNRESET' }))
  })
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()

  return pulledBody({
    async next() {
      for (;;) {
        if (failure) throw failure.error
        const chunk: unknown = stream.read()
        if (chunk instanceof Uint8Array) return chunk
        if (isEnded) return undefined
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    async cancel() {
      stream.destroy()
    },
  })
}

/** The stream behind an answer of the library. */
export function streamOf(body: unknown): Readable {
  if (body instanceof Readable) return body
  throw new TypeError('The library gave no stream.')
}

/** Lets go of the body of an answer that nobody reads, and of the connection with it. */
export function discard(body: unknown): void {
  if (!(body instanceof Readable)) return
  // What else goes wrong with it is of no interest any more.
  body.on('error', () => undefined)
  body.destroy()
}
