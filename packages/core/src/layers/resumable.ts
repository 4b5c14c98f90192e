import { type ChunkSource, chunksOf, wrappedBody } from './pulled.ts'

/**
 * What to do when a body breaks after so many bytes: give the body that goes on from there, or reject with the error that
 * the consumer shall see. `signal` is aborted when the consumer cancels meanwhile.
 */
export type Recover = (error: unknown, offset: number, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>

export interface ResumableOptions {
  readonly recover: Recover
  /** How many bytes make the body whole, where known. A body that ends before that counts as broken. */
  readonly length?: number | undefined
  /** The error that a body of the wrong length stands for. */
  readonly wrongLength?: ((offset: number, length: number) => unknown) | undefined
}

/**
 * A body that goes on where it broke. The call that opened a body is long over when its bytes fail, so neither a catch
 * around that call nor a retry of it can help; this can.
 */
export function resumable(first: ReadableStream<Uint8Array>, options: ResumableOptions): ReadableStream<Uint8Array> {
  return wrappedBody(first, (chunks) => resumableChunks(chunks, options))
}

function resumableChunks(first: ChunkSource, options: ResumableOptions): ChunkSource {
  const { recover, length = Number.POSITIVE_INFINITY, wrongLength = lengthError } = options
  const cancelled = new AbortController()
  let chunks = first
  let isBroken = false
  let offset = 0

  async function next(): Promise<Uint8Array | undefined> {
    let chunk: Uint8Array | undefined
    try {
      chunk = await chunks.next()
      const isShort = chunk === undefined && offset < length && length !== Number.POSITIVE_INFINITY
      if (isShort && !cancelled.signal.aborted) throw wrongLength(offset, length)
    } catch (error) {
      if (offset === length) return undefined
      return goOn(error)
    }
    offset += chunk?.byteLength ?? 0
    if (offset <= length) return chunk
    const error = wrongLength(offset, length)
    await chunks.cancel(error)
    throw error
  }

  /** The next chunk of the body that takes the place of the one that broke. */
  async function goOn(error: unknown): Promise<Uint8Array | undefined> {
    isBroken = true
    const body = await recover(error, offset, cancelled.signal)
    chunks = chunksOf(body)
    isBroken = false
    if (!cancelled.signal.aborted) return next()
    await chunks.cancel(cancelled.signal.reason)
    return undefined
  }

  return {
    next,
    async cancel(reason) {
      // First, because a body that the abort has ended with an error can no longer be cancelled without one.
      const ended = isBroken ? undefined : chunks.cancel(reason)
      cancelled.abort(reason)
      await ended
    },
  }
}

const lengthError = (offset: number, length: number): Error =>
  new Error(`The body ended after ${offset} of ${length} bytes.`)
