import { type BucketObject, notFound, type Operation, StorageError } from '@filegate/core'
import { statusOf } from '@filegate/google-login'
import { bucketItem } from './buckets.ts'
import { type Connection, payer } from './connection.ts'
import { isInvalidName, isMissing } from './errors.ts'
import { objectPlace, type Place, placeOf } from './place.ts'
import { objectOf, resource, type Resource } from './resource.ts'

interface Asking extends Operation {
  /** The generation; absent for the newest. */
  readonly version?: string | undefined
}

/** Asks about one object; one that is not there rejects. */
export async function resourceOf(
  connection: Connection,
  { bucket, key }: Place,
  { version, signal }: Asking,
): Promise<Resource> {
  const file = connection.vendor.during(signal).bucket(bucket).file(key)
  const [found] = await file.getMetadata({
    ...payer(connection),
    ...(version !== undefined && { generation: version }),
  })
  return resource.parse(found)
}

/** For the methods that need an object to be there. @throws StorageError `NotFound` */
export async function foundResource(connection: Connection, key: string, options: Asking): Promise<Resource> {
  const place = objectPlace(key)
  try {
    return await resourceOf(connection, place, options)
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    throw new StorageError('NotFound', notFound(key).message, { path: key, cause })
  }
}

/** The object of a key, `undefined` when there is none; for the key of a bucket, what stands for that. */
export async function headOf(
  connection: Connection,
  key: string,
  options: Operation,
): Promise<BucketObject | undefined> {
  const place = placeOf(key)
  if (place.key === '')
    return (await hasBucket(connection, place.bucket, options)) ? bucketItem(place.bucket) : undefined
  try {
    return objectOf(key, await resourceOf(connection, place, options), connection.options)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Whether a bucket is there, also one that may not be looked into. */
export async function hasBucket(connection: Connection, bucket: string, options: Operation): Promise<boolean> {
  try {
    await askOfBucket(connection, bucket, options)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    if (statusOf(error) === 403) return true
    if (isInvalidName(error)) return false
    throw error
  }
}

/** Asks of a bucket what whoever may read objects may ask. */
export async function askOfBucket(connection: Connection, bucket: string, { signal }: Operation): Promise<void> {
  const query = { autoPaginate: false, maxResults: 1, fields: 'items(name)', ...payer(connection) }
  await connection.vendor.during(signal).bucket(bucket).getFiles(query)
}
