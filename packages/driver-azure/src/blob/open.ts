import {
  type BucketOpened,
  type ByteRange,
  notFound,
  type ReadOptions,
  resolveRange,
  StorageError,
} from '@filegate/core'
import { totalSize } from '../http/answer.ts'
import { answeredRange, bodyOf, discard, streamOf } from '@filegate/core/http-body'
import { type BlobAnswer, isFolder, objectOf } from './adapt.ts'
import { settledConditions } from './conditions.ts'
import { type Connection, until } from './connection.ts'
import { isMissing } from './errors.ts'
import { detailsOfDownload } from './head.ts'
import { placeOf } from './place.ts'

/** Reads a blob, or a part of it. @throws StorageError `NotFound` when there is none */
export async function openBlob(connection: Connection, key: string, options: ReadOptions): Promise<BucketOpened> {
  const { range, version, signal } = options
  const place = placeOf(key)
  if (place.key === '') throw notFound(key)
  if (version !== undefined) throw new StorageError('InvalidArgument', 'There are no versions here.')
  const { conditions, size } = await settledConditions(connection, key, options)
  const { offset, count } = asked(range, size)
  const given = new AbortController()
  const within = signal ? AbortSignal.any([signal, given.signal]) : given.signal
  try {
    const client = connection.vendor.blob(place)
    const download = await client.download(offset, count, { conditions, maxRetryRequests: 0, ...until(within) })
    const answer = detailsOfDownload(download)
    const stream = streamOf(download.readableStreamBody)
    if (isFolder(answer)) {
      discard(stream)
      throw notFound(key)
    }
    const body = bodyOf(stream, signal)
    const object = objectOf(key, answer)
    try {
      return { object, ...(range && { range: answered(answer, { offset, count }) }), body }
    } catch (error) {
      discard(stream)
      throw error
    }
  } catch (error) {
    // The library keeps the connection of an answer that it does not like.
    given.abort()
    if (isMissing(error)) throw notFound(key)
    throw error
  }
}

/** The service knows no ranges from the end, so these need the size. */
function asked(range: ByteRange | undefined, size: number | undefined): { offset: number; count?: number } {
  if (!range) return { offset: 0 }
  const { start, end } = 'suffix' in range ? resolveRange(range, size ?? 0) : { start: range.start, end: range.end }
  if (end !== undefined && end <= start) throw new StorageError('RangeNotSatisfiable', 'The range holds no bytes.')
  return { offset: start, ...(end !== undefined && { count: end - start }) }
}

/** What an answer holds. One without `Content-Range` holds all, which is asked for when a range goes from the first byte on. */
function answered(
  answer: BlobAnswer,
  { offset, count }: { readonly offset: number; readonly count?: number | undefined },
): { start: number; end: number } {
  const { contentRange = '' } = answer
  const size = totalSize(answer)
  const [, first, last] = /^\s*bytes\s+(\d+)-(\d+)\//.exec(contentRange) ?? []
  if (first !== undefined && Number(last) < Number(first)) return resolveRange({ start: offset }, size ?? 0)
  const end = count === undefined ? undefined : offset + count
  const part = answeredRange({ start: offset, ...(end !== undefined && { end }) }, contentRange)
  if (part) return part
  if (offset === 0 && size !== undefined && (end === undefined || end >= size)) return resolveRange({ start: 0 }, size)
  throw new StorageError('Unexpected', 'The service did not send the range that was asked for.')
}
