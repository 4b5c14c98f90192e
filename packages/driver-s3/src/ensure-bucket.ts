import { vendorWord } from './attributes.ts'
import { type Connection, until } from './connection.ts'
import { nameOf } from './errors.ts'
import { hasBucket } from './head.ts'

/** Makes sure that a bucket is there before something is put into it; asks once for each. */
export type EnsureBucket = (bucket: string, signal?: AbortSignal) => Promise<void>

export function bucketKeeper(connection: Connection): EnsureBucket {
  const { settings, places } = connection
  const known = new Set<string>()
  return async (bucket, signal) => {
    if (!settings.checksBucket || places.only === bucket || known.has(bucket)) return
    if (!(await hasBucket(connection, bucket, { signal }))) await makeBucket(connection, bucket, signal)
    known.add(bucket)
  }
}

async function makeBucket(
  { vendor, settings }: Connection,
  bucket: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { location_constraint: location, bucketAcl, reportsExistingBucket: reports } = settings
  const input = {
    Bucket: bucket,
    ...(bucketAcl !== undefined && { ACL: vendorWord<'private'>(bucketAcl) }),
    ...(location !== '' && { CreateBucketConfiguration: { LocationConstraint: vendorWord<'EU'>(location) } }),
  }
  try {
    await vendor.s3.createBucket(input, until(signal))
  } catch (error) {
    const name = nameOf(error)
    if (name === 'BucketAlreadyOwnedByYou' || (name === 'BucketAlreadyExists' && !reports)) return
    throw error
  }
}
