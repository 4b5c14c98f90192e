import { newDigest } from '@filegate/core'
import { bodyFeed } from '@filegate/core/http-body'

/** A body that is read in pieces, each of which stays in memory until the vendor has it. */
export interface BodySource {
  /** The next bytes, as many as asked for unless the body ends; `undefined` at the end. One call at a time. */
  next(length: number): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Whether nothing is left. */
  isOver(): Promise<boolean>
  /** MD5 of all that was given out, in hexadecimal. The body has to be at its end. */
  md5(): string
  /** Bytes given out. */
  readonly given: number
  /** Lets go of the body. */
  release(): Promise<void>
}

interface SourceRules {
  /** What was announced. */
  readonly size?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** @throws StorageError from every method as soon as the body has more bytes than announced, or ends with fewer */
export function bodySource(body: ReadableStream<Uint8Array>, rules: SourceRules): BodySource {
  const feed = bodyFeed(body, rules)
  const digest = newDigest('md5')
  let finished: string | undefined
  return {
    next: (length) => feed.fill(length, (part) => digest.update(part)),
    isOver: async () => !(await feed.hasMore()),
    md5() {
      finished ??= digest.finish()
      return finished
    },
    get given() {
      return feed.given
    },
    release: () => feed.release(),
  }
}
