import { Readable } from 'node:stream'
import { abortedBy } from '../abort.ts'
import { type ChunkSource, pulledBody } from '../layers/pulled.ts'

/** Bytes that are taken ahead of whoever reads. */
const ahead = 256 * 1024

/** A stream of Node as a body: read hardly faster than it is asked for, ended by `signal`, never short without an error. */
export function bodyOf(stream: Readable, signal?: AbortSignal): ReadableStream<Uint8Array> {
  const source = chunksAhead(stream)
  const abort = (): void => {
    if (signal) source.fail(abortedBy(signal))
    stream.destroy()
  }
  stream.on('close', () => signal?.removeEventListener('abort', abort))
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  return pulledBody(source)
}

interface FailingSource extends ChunkSource {
  /** Ends it at once, whatever has arrived. */
  fail(error: unknown): void
}

/** The chunks as the stream hands them on, which costs less than asking it for each: that would join them in new memory. */
function chunksAhead(stream: Readable): FailingSource {
  const arrived: Uint8Array[] = []
  let size = 0
  let end: { readonly error?: unknown } | undefined
  let waiting: PromiseWithResolvers<Uint8Array | undefined> | undefined

  function finish(how: { readonly error?: unknown }): void {
    end ??= how
    if ('error' in end) waiting?.reject(end.error)
    else waiting?.resolve(undefined)
    waiting = undefined
  }
  // Nothing flows before somebody asks.
  stream.pause()
  stream.on('data', (chunk: Uint8Array) => {
    if (waiting) {
      waiting.resolve(chunk)
      waiting = undefined
      return
    }
    arrived.push(chunk)
    size += chunk.length
    if (size >= ahead) stream.pause()
  })
  stream.on('end', () => finish({}))
  stream.on('error', (error) => finish({ error }))
  stream.on('close', () => {
    finish({ error: brokenOff() })
  })
  // What was over before anybody listened tells nobody any more.
  if (stream.readableEnded) finish({})
  else if (stream.destroyed) finish({ error: stream.errored ?? brokenOff() })
  return {
    next() {
      const chunk = arrived.shift()
      if (chunk) {
        size -= chunk.length
        return Promise.resolve(chunk)
      }
      if (end) return 'error' in end ? Promise.reject(end.error) : Promise.resolve(undefined)
      waiting = Promise.withResolvers()
      stream.resume()
      return waiting.promise
    },
    async cancel() {
      stream.destroy()
    },
    fail(error) {
      // Also where the stream has ended: what it gave is not all with its reader yet.
      end = arrived.length > 0 ? { error } : end
      arrived.length = 0
      finish({ error })
    },
  }
}

const brokenOff = (): Error =>
  Object.assign(new Error('The connection ended before the body did.'), { code: 'ECONNRESET' })

/** The stream behind an answer of a library, whose types allow for others. */
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

/** Passes over a body that holds nothing of interest, so that its connection can be used again. */
export function passOver(body: Readable): void {
  body.on('error', () => undefined)
  body.resume()
}
