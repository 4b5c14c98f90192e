import { abortable } from '../byte-stream.ts'
import { StorageError } from '../error.ts'

/** The bytes of a body as they come in, held to the announced size. One call at a time. */
export interface BodyFeed {
  /** @throws StorageError as soon as the body has more bytes than announced, or ends with fewer */
  hasMore(): Promise<boolean>
  /** What is there, at most so many bytes. */
  take(most: number): Uint8Array
  /**
   * The next bytes in one piece, as many as asked for unless the body ends; `undefined` at the end.
   * @param see is shown each part as it comes in, so that no digest of a large piece holds up everything else
   */
  fill(length: number, see: (part: Uint8Array) => void): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Bytes given out. */
  readonly given: number
  /** Lets go of the body. */
  release(): Promise<void>
}

interface FeedRules {
  /** What was announced. */
  readonly size?: number | undefined
  readonly signal?: AbortSignal | undefined
}

const firstCapacity = 65_536

export function bodyFeed(
  body: ReadableStream<Uint8Array>,
  { size = Number.POSITIVE_INFINITY, signal }: FeedRules,
): BodyFeed {
  // What is released may be waiting for bytes that never come.
  const released = new AbortController()
  const chunks = abortable(body, signal ? AbortSignal.any([signal, released.signal]) : released.signal)
  let rest: Uint8Array = new Uint8Array()
  let isEnded = false
  let received = 0
  let given = 0

  async function hasMore(): Promise<boolean> {
    while (rest.length === 0 && !isEnded) {
      const { done, value } = await chunks.next()
      isEnded = done === true
      received += value?.length ?? 0
      if (received > size || (isEnded && received < size && size !== Number.POSITIVE_INFINITY)) throw wrongSize(size)
      rest = value ?? rest
    }
    return rest.length > 0
  }
  function take(most: number): Uint8Array {
    const part = rest.subarray(0, Math.min(most, rest.length))
    rest = rest.subarray(part.length)
    given += part.length
    return part
  }
  async function fill(length: number, see: (part: Uint8Array) => void): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let bytes = new Uint8Array(Math.min(length, size === Number.POSITIVE_INFINITY ? firstCapacity : size - given))
    let filled = 0
    while (filled < length && (await hasMore())) {
      const part = take(length - filled)
      if (filled + part.length > bytes.length) bytes = grown(bytes, filled, filled + part.length, length)
      bytes.set(part, filled)
      filled += part.length
      see(part)
    }
    return filled === 0 ? undefined : bytes.subarray(0, filled)
  }
  return {
    hasMore,
    take,
    fill,
    get given() {
      return given
    },
    async release() {
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

const wrongSize = (announced: number): StorageError =>
  new StorageError('InvalidArgument', `The body does not have the ${announced} bytes that were announced.`)

/** @throws StorageError `InvalidArgument` when a body has another MD5 than was announced, where both are known */
export function checkMd5(announced: string | undefined, md5: string | undefined): void {
  if (announced === undefined || md5 === undefined || announced === md5) return
  throw new StorageError('InvalidArgument', 'The body does not have the MD5 that was announced.')
}
