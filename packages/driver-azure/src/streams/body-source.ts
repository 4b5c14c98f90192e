import { abortable, newDigest, StorageError } from '@filegate/core'

/** Bytes held in memory to be sent in one request, with their MD5 in hexadecimal. */
export interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly md5: string
}

export interface BodySource {
  /** The next bytes, as many as asked for unless the body ends; `undefined` at the end. One call at a time. */
  next(length: number): Promise<Piece | undefined>
  /** Whether nothing is left; only sure once `next` gave less than asked for, or after `peek`. */
  peek(): Promise<boolean>
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
  /** Whether to make the MD5 of the whole. */
  readonly digests: boolean
  readonly signal?: AbortSignal | undefined
}

export const wrongSize = (announced: number): StorageError =>
  new StorageError('InvalidArgument', `The body does not have the ${announced} bytes that were announced.`)

/** @throws StorageError `InvalidArgument` when a body has another MD5 than was announced, where both are known */
export function checkMd5(announced: string | undefined, md5: string | undefined): void {
  if (announced === undefined || md5 === undefined || announced === md5) return
  throw new StorageError('InvalidArgument', 'The body does not have the MD5 that was announced.')
}

const firstCapacity = 65_536

/**
 * Reads a body in pieces. Digests are made as the bytes come in, so that no large piece holds up everything else.
 * @throws StorageError from every method as soon as the body has more bytes than announced, or ends with fewer
 */
export function bodySource(body: ReadableStream<Uint8Array>, rules: SourceRules): BodySource {
  const { size = Number.POSITIVE_INFINITY, digests, signal } = rules
  const feed = feedOf(body, size, signal)
  const whole = digests ? newDigest('md5') : undefined
  let given = 0
  let wholeMd5: string | undefined

  async function next(length: number): Promise<Piece | undefined> {
    const own = newDigest('md5')
    let bytes = new Uint8Array(Math.min(length, size === Number.POSITIVE_INFINITY ? firstCapacity : size - given))
    let filled = 0
    while (filled < length && (await feed.hasMore())) {
      const part = feed.take(length - filled)
      if (filled + part.length > bytes.length) bytes = grown(bytes, filled, filled + part.length, length)
      bytes.set(part, filled)
      filled += part.length
      own.update(part)
      whole?.update(part)
    }
    given += filled
    if (filled === 0) return undefined
    return { bytes: bytes.subarray(0, filled), md5: own.finish() }
  }

  return {
    next,
    peek: async () => !(await feed.hasMore()),
    get given() {
      return given
    },
    md5() {
      wholeMd5 ??= whole?.finish()
      return wholeMd5
    },
    release: () => feed.release(),
  }
}

/** The bytes of a body as they come in, held to the announced size. */
function feedOf(body: ReadableStream<Uint8Array>, size: number, signal: AbortSignal | undefined) {
  // What is released may be waiting for bytes that never come.
  const released = new AbortController()
  const chunks = abortable(body, signal ? AbortSignal.any([signal, released.signal]) : released.signal)
  let rest: Uint8Array = new Uint8Array()
  let isEnded = false
  let received = 0
  return {
    async hasMore(): Promise<boolean> {
      while (rest.length === 0 && !isEnded) {
        const { done, value } = await chunks.next()
        isEnded = done === true
        received += value?.length ?? 0
        if (received > size || (isEnded && received < size && size !== Number.POSITIVE_INFINITY)) throw wrongSize(size)
        rest = value ?? rest
      }
      return rest.length > 0
    },
    /** What is there, at most so many bytes. */
    take(most: number): Uint8Array {
      const part = rest.subarray(0, Math.min(most, rest.length))
      rest = rest.subarray(part.length)
      return part
    },
    async release(): Promise<void> {
      released.abort()
      await chunks.return()
    },
  }
}

function grown(bytes: Uint8Array<ArrayBuffer>, filled: number, needed: number, most: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(most, Math.max(needed, bytes.length * 2)))
  larger.set(bytes.subarray(0, filled))
  return larger
}

/** Nothing, as a piece. */
export const emptyPiece = (): Piece => ({ bytes: new Uint8Array(), md5: newDigest('md5').finish() })
