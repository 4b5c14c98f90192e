import { type BucketOpened, notFound, type ReadOptions } from '@filegate/core'
import { isGzip, objectOf } from './adapt.ts'
import { settledConditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { openDownload } from './download.ts'
import { isMissing } from './errors.ts'
import { getObject, type Got, type Reading } from './get-object.ts'
import { inflated, openInflated } from './inflate.ts'
import { locate } from './locate.ts'
import { bodyOf, discard } from './node-body.ts'
import { ranged } from './ranged.ts'

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
    if (!settings.decompress || !isGzip(got.answer)) return presented(connection, reading, got)
    discard(got.stream)
    return await openInflated(connection, reading)
  } catch (error) {
    if (isMissing(error)) throw notFound(key)
    throw error
  }
}

function presented({ settings }: Connection, { key, range, signal }: Reading, { answer, stream }: Got): BucketOpened {
  const object = objectOf(key, answer, settings)
  if (range) return ranged(object, range, answer, bodyOf(stream, signal))
  // Compressed on the way, which shows by the missing length. Those who stored it compressed want it so.
  const onTheWay = settings.mightGzip && isGzip(answer) && answer.ContentLength === undefined
  return { object, body: bodyOf(onTheWay ? inflated(stream) : stream, signal) }
}
