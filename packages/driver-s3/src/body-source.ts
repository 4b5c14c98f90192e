import { abortable, newDigest, StorageError } from '@filegate/core'

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
  readonly signs: boolean
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
 * @throws StorageError from `next` as soon as the body has more bytes than announced, or ends with fewer
 */
export function bodySource(body: ReadableStream<Uint8Array>, rules: SourceRules): BodySource {
  const { size = Number.POSITIVE_INFINITY, signs, digests, signal } = rules
  const chunks = abortable(body, signal)
  const whole = digests ? newDigest('md5') : undefined
  let rest: Uint8Array = new Uint8Array()
  let isEnded = false
  let received = 0
  let given = 0
  let wholeMd5: string | undefined

  /** Fills `rest`, unless the body is at its end. */
  async function fill(): Promise<boolean> {
    while (rest.length === 0 && !isEnded) {
      const { done, value } = await chunks.next()
      if (done) {
        isEnded = true
        if (received < size && size !== Number.POSITIVE_INFINITY) throw wrongSize(size)
        break
      }
      received += value.length
      if (received > size) throw wrongSize(size)
      rest = value
    }
    return rest.length > 0
  }

  return {
    async next(length) {
      const md5 = newDigest('md5')
      const sha256 = signs ? newDigest('sha256') : undefined
      const expected = Math.min(length, size - given)
      let bytes = new Uint8Array(
        Number.isFinite(expected) && size !== Number.POSITIVE_INFINITY ? expected : firstCapacity,
      )
      let filled = 0
      while (filled < length && (await fill())) {
        const part = rest.subarray(0, length - filled)
        rest = rest.subarray(part.length)
        if (filled + part.length > bytes.length) bytes = grown(bytes, filled, filled + part.length, length)
        bytes.set(part, filled)
        filled += part.length
        for (const digest of [md5, sha256, whole]) digest?.update(part)
      }
      given += filled
      if (filled === 0) return undefined
      return { bytes: bytes.subarray(0, filled), md5: md5.finish(), sha256: sha256?.finish() }
    },
    peek: async () => !(await fill()),
    get given() {
      return given
    },
    async *chunks() {
      while (await fill()) {
        const chunk = rest
        rest = new Uint8Array()
        whole?.update(chunk)
        given += chunk.length
        await fill()
        yield chunk
      }
    },
    md5() {
      wholeMd5 ??= whole?.finish()
      return wholeMd5
    },
    release: async () => void (await chunks.return()),
  }
}

function grown(bytes: Uint8Array<ArrayBuffer>, filled: number, needed: number, most: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(most, Math.max(needed, bytes.length * 2)))
  larger.set(bytes.subarray(0, filled))
  return larger
}

/** Nothing, as a piece. */
export const emptyPiece = (): Piece => ({
  bytes: new Uint8Array(),
  md5: newDigest('md5').finish(),
  sha256: newDigest('sha256').finish(),
})
