import { createHash } from 'node:crypto'
import { abortedBy, chunksOf, pulledBody, StorageError, streamBytes } from '@filegate/core'
import { inTime } from '../http/in-time.ts'
import { problem } from '../http/problem.ts'
import type { AnnouncedDigest } from './digest-headers.ts'

export interface ReceivingRules {
  /** Bytes, when the client announced them. */
  readonly size?: number | undefined
  /** Bytes that may come. */
  readonly most?: number | undefined
  readonly digests: readonly AnnouncedDigest[]
  /** What has to work out before the last bytes are given away. */
  readonly beforeEnd?: (() => Promise<void>) | undefined
  /** Milliseconds that the client may be silent. Default one minute. */
  readonly patience?: number | undefined
  readonly signal: AbortSignal
}

/** A body as a driver gets it: it breaks instead of ending when it is not what was announced. */
export interface ReceivedBody {
  readonly body: ReadableStream<Uint8Array>
  /** Why it broke. Whatever a driver makes of a body that breaks, this is what the client is to be told. */
  readonly failure: () => StorageError | undefined
}

/**
 * Takes in the body of a request chunk by chunk, as it is asked for. Where something has to be verified at the end, one
 * chunk is held back until it was: a driver that knows the size would be content without the end of the stream.
 * @throws StorageError when it is certain beforehand that the body cannot be taken
 */
export function receiveBody(source: ReadableStream<Uint8Array> | null, rules: ReceivingRules): ReceivedBody {
  const { size, most = Number.POSITIVE_INFINITY, digests, beforeEnd, patience = 60_000, signal } = rules
  if (size !== undefined && size > most) throw tooLarge(most)
  const verifier = createVerifier(digests)
  // A driver has no reason to read a body of no bytes.
  if (size === 0) createVerifier(digests).finish()
  const chunks = chunksOf(source ?? streamBytes(new Uint8Array()))
  const holdsBack = digests.length > 0 || beforeEnd !== undefined
  let held: Uint8Array | undefined
  let taken = 0
  let ended = false
  let failure: StorageError | undefined

  async function next(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (ended) return undefined
      const chunk = await inTime(chunks.next(), patience)
      const before = held
      held = undefined
      if (!chunk) {
        ended = true
        verifier.finish()
        await beforeEnd?.()
        return before
      }
      taken += chunk.byteLength
      if (taken > most) throw tooLarge(most)
      verifier.update(chunk)
      if (!holdsBack) return chunk
      held = chunk
      if (before) return before
    }
  }

  const body = pulledBody({
    async next() {
      try {
        return await next()
      } catch (error) {
        failure = StorageError.is(error) ? error : broken(error, signal)
        // What still comes in is not wanted; the connection is in the hands of whoever answers the request.
        await Promise.allSettled([chunks.cancel(failure)])
        throw failure
      }
    },
    cancel: (reason) => chunks.cancel(reason),
  })
  return { body, failure: () => failure }
}

/**
 * As `receiveBody`, for one that is here already.
 * @throws StorageError when it is larger than may come, or not what was announced
 */
export function verifyWhole(bytes: Uint8Array, { most, digests }: Pick<ReceivingRules, 'most' | 'digests'>): void {
  if (most !== undefined && bytes.byteLength > most) throw tooLarge(most)
  if (digests.length === 0) return
  const verifier = createVerifier(digests)
  verifier.update(bytes)
  verifier.finish()
}

const tooLarge = (most: number): StorageError =>
  problem('TooLarge', { code: 'PAYLOAD_TOO_LARGE' }, `An upload must not exceed ${most} bytes (--max-body-size).`)

function broken(cause: unknown, signal: AbortSignal): StorageError {
  if (signal.aborted) return abortedBy(signal)
  return new StorageError('Aborted', 'The client left before all of the body had come.', { cause })
}

function createVerifier(digests: readonly AnnouncedDigest[]) {
  const running = digests.map(({ algorithm, hex }) => ({ algorithm, announced: hex, hash: createHash(algorithm) }))
  return {
    update(bytes: Uint8Array): void {
      for (const { hash } of running) hash.update(bytes)
    },
    /** @throws StorageError with status 422 */
    finish(): void {
      for (const { algorithm, announced, hash } of running) {
        const found = hash.digest('hex')
        if (found === announced) continue
        const message = `The ${algorithm} of the body is ${found}, but ${announced} was announced. Nothing was stored.`
        throw problem('InvalidArgument', { status: 422, code: 'CHECKSUM_MISMATCH' }, message)
      }
    },
  }
}
