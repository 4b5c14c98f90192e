import { type BucketOpened, notFound, type ReadOptions, StorageError } from '@filegate/core'
import { bodyOf, discard, inflated, openInflated, ranged } from '@filegate/core/http-body'
import { isGzip, type ObjectAnswer, objectOf, rangeOf, totalSize } from './adapt.ts'
import { settledConditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { openDownload } from './download.ts'
import { isMissing } from './errors.ts'
import { getObject, type Reading } from './get-object.ts'
import { detailsOf } from './head.ts'
import { locate } from './locate.ts'
import type { Got } from './prepared-get.ts'

/** Reads an object, or a part of it. @throws StorageError `NotFound` when there is none */
export async function openObject(connection: Connection, key: string, options: ReadOptions): Promise<BucketOpened> {
  const { settings, places } = connection
  if (places.of(key).key === '') throw notFound(key)
  const conditions = await settledConditions(connection, key, options)
  const target = await locate(connection, key, options)
  const reading: Reading = { key, target, conditions, range: options.range, signal: options.signal }
  try {
    if (settings.download_url !== '' && target.version === undefined) return await openDownload(connection, reading)
    const got = await getObject(connection, reading)
    if (!settings.decompress || !isGzip(got.answer)) return await presented(connection, reading, got)
    discard(got.stream)
    return await openInflated(reading.range, async () => {
      const { answer, stream } = await getObject(connection, { ...reading, range: undefined })
      return { object: objectOf(key, answer, settings), body: bodyOf(inflated(stream), reading.signal) }
    })
  } catch (error) {
    if (isMissing(error)) throw notFound(key)
    throw error
  }
}

async function presented(connection: Connection, reading: Reading, { answer, stream }: Got): Promise<BucketOpened> {
  const { settings } = connection
  const { key, range, signal } = reading
  if (range) return ranged(objectOf(key, answer, settings), range, rangeOf(answer), bodyOf(stream, signal))
  // Compressed on the way, which shows by the missing length. Those who stored it compressed want it so.
  if (settings.mightGzip && isGzip(answer) && answer.ContentLength === undefined) {
    return { object: objectOf(key, answer, settings), body: bodyOf(inflated(stream), signal) }
  }
  const body = bodyOf(stream, signal)
  try {
    return { object: objectOf(key, await withLength(connection, reading, answer), settings), body }
  } catch (error) {
    discard(stream)
    throw error
  }
}

/** An answer without a length may end where its connection does: what is whole then shows only by asking for the length. */
async function withLength(connection: Connection, { target, signal }: Reading, answer: ObjectAnswer) {
  if (answer.ContentLength !== undefined) return answer
  const details = await detailsOf(connection, target, { signal })
  if (details.ETag === answer.ETag) return { ...answer, ContentLength: totalSize(details) }
  throw new StorageError('Unavailable', `/${target.key} is being changed. Read it again.`)
}
