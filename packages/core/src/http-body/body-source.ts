import { newDigest } from '../digest.ts'
import { bodyFeed } from './body-feed.ts'

/** Bytes held in memory to be sent in one request, with the digests that go with them, in hexadecimal. */
export interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly md5: string
  readonly sha256?: string | undefined
}

export interface BodySource {
  /** The next bytes, as many as asked for unless the body ends; `undefined` at the end. One call at a time. */
  next(length: number): Promise<Piece | undefined>
  /** Whether nothing is left; only sure once `next` gave less than asked for, or after `peek`. */
  peek(): Promise<boolean>
  /** All that is left, as it comes in; a chunk is given out once it is known that what follows does not break the rules. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>
  /** MD5 of all that was given out, if it was wanted. The body has to be at its end. */
  md5(): string | undefined
  /** Bytes given out. */
  readonly given: number
  /** Lets go of the body. */
  release(): Promise<void>
}

interface SourceRules {
  /** What was announced. */
  readonly size?: number | undefined
  /** Whether each piece needs its SHA-256. */
  readonly signs?: boolean
  /** Whether to make the MD5 of the whole. */
  readonly digests: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads a body in pieces with their digests.
 * @throws StorageError from every method as soon as the body has more bytes than announced, or ends with fewer
 */
export function bodySource(body: ReadableStream<Uint8Array>, rules: SourceRules): BodySource {
  const { size, signs = false, digests, signal } = rules
  const feed = bodyFeed(body, { size, signal })
  const whole = digests ? newDigest('md5') : undefined
  let wholeMd5: string | undefined

  async function next(length: number): Promise<Piece | undefined> {
    const own = newDigest('md5')
    const signed = signs ? newDigest('sha256') : undefined
    const bytes = await feed.fill(length, (part) => {
      for (const digest of [own, signed, whole]) digest?.update(part)
    })
    return bytes && { bytes, md5: own.finish(), sha256: signed?.finish() }
  }

  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    while (await feed.hasMore()) {
      const chunk = feed.take(Number.POSITIVE_INFINITY)
      whole?.update(chunk)
      await feed.hasMore()
      yield chunk
    }
  }

  return {
    next,
    chunks,
    peek: async () => !(await feed.hasMore()),
    get given() {
      return feed.given
    },
    md5() {
      wholeMd5 ??= whole?.finish()
      return wholeMd5
    },
    release: () => feed.release(),
  }
}

/** Nothing, as a piece. */
export const emptyPiece = (): Piece => ({
  bytes: new Uint8Array(),
  md5: newDigest('md5').finish(),
  sha256: newDigest('sha256').finish(),
})
