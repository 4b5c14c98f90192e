import { type BucketObject, notFound, type Operation, StorageError } from '@filegate/core'
import { type ObjectAnswer, objectOf } from './adapt.ts'
import { bucketItem } from './buckets.ts'
import { type Connection, customerKeyInput, until } from './connection.ts'
import { isMissing, statusOf } from './errors.ts'
import { locate, shownDeletion, type Target } from './locate.ts'
import { discard } from '@filegate/core/http-body'

/** What the vendor knows of an object; an object that is not there rejects. */
export interface ObjectDetails extends ObjectAnswer {
  readonly CacheControl?: string | undefined
  readonly ContentDisposition?: string | undefined
  readonly ContentLanguage?: string | undefined
  readonly ExpiresString?: string | undefined
  readonly ChecksumSHA256?: string | undefined
  readonly ChecksumSHA1?: string | undefined
  readonly ChecksumCRC32C?: string | undefined
  readonly ChecksumType?: string | undefined
}

/** Asks about one object, with HEAD, or with a GET of its first byte where HEAD is not to be used. */
export async function detailsOf(
  connection: Connection,
  { bucket, key, version }: Target,
  { signal }: Operation,
  withChecksums = false,
): Promise<ObjectDetails> {
  const { vendor, settings } = connection
  const input = {
    Bucket: bucket,
    Key: key,
    ...(version !== undefined && { VersionId: version }),
    ...(withChecksums && { ChecksumMode: 'ENABLED' as const }),
    ...customerKeyInput(settings),
  }
  if (!settings.no_head_object) return vendor.s3.headObject(input, until(signal))
  const { Body, ...details } = await firstByte(vendor.s3, input, signal)
  discard(Body)
  return details
}

type Library = Connection['vendor']['s3']
type GetInput = Parameters<Library['getObject']>[0]

/** Of an empty object there is no first byte to ask for, but then all of it is nothing. */
async function firstByte(s3: Library, input: GetInput, signal: AbortSignal | undefined) {
  try {
    return await s3.getObject({ ...input, Range: 'bytes=0-0' }, until(signal))
  } catch (error) {
    if (statusOf(error) !== 416) throw error
    return s3.getObject(input, until(signal))
  }
}

/** The object of a key, `undefined` when there is none; for the key of a bucket, what stands for that. */
export async function headOf(
  connection: Connection,
  key: string,
  options: Operation,
): Promise<BucketObject | undefined> {
  const { bucket, key: inside } = connection.places.of(key)
  if (inside === '') return (await hasBucket(connection, bucket, options)) ? bucketItem(bucket) : undefined
  const target = await locate(connection, key, options)
  try {
    return objectOf(key, await detailsOf(connection, target, options), connection.settings)
  } catch (error) {
    if (!isMissing(error)) throw error
    const deletion = await shownDeletion(connection, target, options.signal)
    return deletion && { ...deletion.object, key }
  }
}

/** Whether a bucket is there, also one that may not be looked into. */
export async function hasBucket({ vendor }: Connection, bucket: string, { signal }: Operation): Promise<boolean> {
  try {
    await vendor.s3.headBucket({ Bucket: bucket }, until(signal))
    return true
  } catch (error) {
    const status = statusOf(error)
    if (status === 403) return true
    // A name that no bucket can have.
    if (status === 404 || status === 400) return false
    throw error
  }
}

/** For the methods that need an object to be there. @throws StorageError `NotFound` */
export async function foundDetails(
  connection: Connection,
  key: string,
  options: Operation & { readonly version?: string | undefined },
) {
  const target = await locate(connection, key, options)
  if (target.key === '') throw notFound(key)
  try {
    return { target, details: await detailsOf(connection, target, options) }
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    throw new StorageError('NotFound', `File or directory not found: /${key}`, { path: key, cause })
  }
}
