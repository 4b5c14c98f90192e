import type { ByteRange } from '../contract.ts'
import { StorageError } from '../error.ts'
import { abandon, type ChunkSource, chunksOf, pulledBody } from '../layers/pulled.ts'
import { resolveRange } from '../range.ts'
import type { BucketOpened } from '../shapes/bucket-source.ts'

/** What an answer to a range says of itself. */
interface RangeAnswer {
  /** The header `Content-Range`. */
  readonly contentRange: string | undefined
  /** Bytes of the whole, where the answer holds that. */
  readonly size: number | undefined
}

interface Resolved {
  readonly start: number
  readonly end: number
}

/** What the answer to a range holds. Some services ignore ranges; then the range is cut out of all they send. */
export function ranged(
  object: BucketOpened['object'],
  range: ByteRange,
  { contentRange = '', size }: RangeAnswer,
  body: ReadableStream<Uint8Array>,
): BucketOpened {
  try {
    const part = answeredRange(range, contentRange)
    if (part) return { object, range: part, body }
    if (size === undefined) {
      throw new StorageError('Unexpected', 'The vendor sent neither the range that was asked for nor a length.')
    }
    const resolved = resolveRange(range, size)
    return { object, range: resolved, body: cutOut(chunksOf(body), resolved) }
  } catch (error) {
    abandon(body, error)
    throw error
  }
}

/**
 * The part that an answer says it holds, by its header `Content-Range`; `undefined` where it says nothing.
 * @throws StorageError `Unexpected` where that is no part of what was asked for
 */
export function answeredRange(asked: ByteRange, contentRange: string): Resolved | undefined {
  const [, first, last] = /^\s*bytes\s+(\d+)-(\d+)\//.exec(contentRange) ?? []
  if (first === undefined) return undefined
  const [start, end] = [Number(first), Number(last) + 1]
  const isPart =
    'suffix' in asked
      ? end - start <= asked.suffix
      : start === asked.start && end <= (asked.end ?? Number.POSITIVE_INFINITY)
  if (isPart && start < end && Number.isSafeInteger(end)) return { start, end }
  throw new StorageError('Unexpected', 'The vendor sent another part of the file than was asked for.')
}

/** The bytes from `start` up to, not including, `end`. */
export function cutOut(chunks: ChunkSource, { start, end }: Resolved): ReadableStream<Uint8Array> {
  let offset = 0
  return pulledBody({
    async next() {
      while (offset < end) {
        const chunk = await chunks.next()
        if (!chunk) return undefined
        const from = Math.max(0, start - offset)
        const part = chunk.subarray(from, end - offset)
        offset += chunk.length
        if (part.length > 0) return part
      }
      await chunks.cancel(undefined)
      return undefined
    },
    cancel: (reason) => chunks.cancel(reason),
  })
}
