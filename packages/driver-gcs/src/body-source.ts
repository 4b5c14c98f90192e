import { abortable, newDigest, StorageError } from '@filegate/core'

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

/** @throws StorageError `InvalidArgument` when a body has another MD5 than was announced */
export function checkMd5(announced: string | undefined, md5: string): void {
  if (announced === undefined || announced === md5) return
  throw new StorageError('InvalidArgument', 'The body does not have the MD5 that was announced.')
}

const firstCapacity = 65_536

/** @throws StorageError from every method as soon as the body has more bytes than announced, or ends with fewer */
export function bodySource(body: ReadableStream<Uint8Array>, { size, signal }: SourceRules): BodySource {
  const feed = feedOf(body, size ?? Number.POSITIVE_INFINITY, signal)
  // The digest is made as the bytes come in, so that no large piece holds up everything else.
  const digest = newDigest('md5')
  let given = 0
  let finished: string | undefined
  return {
    async next(length) {
      const expected = size === undefined ? firstCapacity : size - given
      let bytes = new Uint8Array(Math.min(length, expected))
      let filled = 0
      while (filled < length && (await feed.hasMore())) {
        const part = feed.take(length - filled)
        if (filled + part.length > bytes.length) bytes = grown(bytes, filled, filled + part.length, length)
        bytes.set(part, filled)
        filled += part.length
        digest.update(part)
      }
      given += filled
      return filled === 0 ? undefined : bytes.subarray(0, filled)
    },
    isOver: async () => !(await feed.hasMore()),
    md5() {
      finished ??= digest.finish()
      return finished
    },
    get given() {
      return given
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
        const isShort = isEnded && received < size && size !== Number.POSITIVE_INFINITY
        if (received > size || isShort) throw wrongSize(size)
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

const wrongSize = (announced: number): StorageError =>
  new StorageError('InvalidArgument', `The body does not have the ${announced} bytes that were announced.`)
