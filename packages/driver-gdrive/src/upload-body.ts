import { newDigest, StorageError, type WriteOptions } from '@filegate/core'
import { bodyFeed } from '@filegate/core/http-body'

/** A body that is read in pieces, each of which stays in memory until the vendor has it. */
export interface UploadBody {
  /** The next bytes, as many as asked for unless the body ends; none at the end. One call at a time. */
  next(length: number): Promise<Uint8Array<ArrayBuffer>>
  /** Whether nothing is left. */
  isOver(): Promise<boolean>
  /** All that is left, as it comes in. */
  rest(): AsyncGenerator<Uint8Array, void, undefined>
  /**
   * MD5 of the whole, in hexadecimal. The body has to be at its end.
   * @throws StorageError `InvalidArgument` where it has other digests than were announced
   */
  md5(): string
  /** Bytes given out. */
  readonly given: number
  /** Lets go of the body. */
  release(): Promise<void>
}

/** @throws StorageError from every method as soon as the body has more bytes than announced, or ends with fewer */
export function uploadBody({ body, size, hashes = {}, signal }: WriteOptions): UploadBody {
  const feed = bodyFeed(body, { size, signal })
  const own = newDigest('md5')
  const announced = (['sha1', 'sha256', 'md5'] as const).flatMap((algorithm) => {
    const hex = hashes[algorithm]
    return hex === undefined ? [] : [{ algorithm, hex, digest: newDigest(algorithm) }]
  })
  let finished: string | undefined

  function see(part: Uint8Array): void {
    own.update(part)
    for (const { digest } of announced) digest.update(part)
  }
  function finish(): string {
    for (const { algorithm, hex, digest } of announced) {
      if (digest.finish() === hex) continue
      const message = `The body does not have the ${algorithm.toUpperCase()} that was announced.`
      throw new StorageError('InvalidArgument', message)
    }
    return own.finish()
  }
  return {
    next: async (length) => (await feed.fill(length, see)) ?? new Uint8Array(),
    isOver: async () => !(await feed.hasMore()),
    async *rest() {
      while (await feed.hasMore()) {
        const part = feed.take(Number.POSITIVE_INFINITY)
        see(part)
        // The last part is given out only when all is known to be right: it would complete the upload.
        if (!(await feed.hasMore())) finished ??= finish()
        yield part
      }
    },
    md5() {
      finished ??= finish()
      return finished
    },
    get given() {
      return feed.given
    },
    release: () => feed.release(),
  }
}
