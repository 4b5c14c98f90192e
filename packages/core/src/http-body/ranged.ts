import type { ByteRange } from '../contract.ts'
import { StorageError } from '../error.ts'
import { type ChunkSource, chunksOf, pulledBody } from '../layers/pulled.ts'
import { resolveRange } from '../range.ts'
import type { BucketOpened } from '../shapes/bucket-source.ts'

/** What an answer to a range says of itself. */
interface RangeAnswer {
  /** The header `Content-Range`. */
  readonly contentRange: string | undefined
  /** Bytes of the whole, where the answer holds that. */
  readonly size: number | undefined
}

/** What the answer to a range holds. Some services ignore ranges; then the range is cut out of all they send. */
export function ranged(
  object: BucketOpened['object'],
  range: ByteRange,
  { contentRange = '', size }: RangeAnswer,
  body: ReadableStream<Uint8Array>,
): BucketOpened {
  const [, first, last] = /^\s*bytes\s+(\d+)-(\d+)\//.exec(contentRange) ?? []
  if (first !== undefined) return { object, range: { start: Number(first), end: Number(last) + 1 }, body }
  const chunks = chunksOf(body)
  try {
    if (size === undefined) {
      throw new StorageError('Unexpected', 'The vendor sent neither the range that was asked for nor a length.')
    }
    const resolved = resolveRange(range, size)
    return { object, range: resolved, body: cutOut(chunks, resolved) }
  } catch (error) {
    void chunks.cancel(error)
    throw error
  }
}

/** The bytes from `start` up to, not including, `end`. */
export function cutOut(
  chunks: ChunkSource,
  { start, end }: { readonly start: number; readonly end: number },
): ReadableStream<Uint8Array> {
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
