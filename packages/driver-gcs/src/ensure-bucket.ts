import { StorageError } from '@filegate/core'
import { bucketAcl, type Connection, payer } from './connection.ts'
import { isOwnBucket } from './errors.ts'
import { hasBucket } from './head.ts'

/** Makes sure that a bucket is there before something is put into it; asks once for each. */
export type EnsureBucket = (bucket: string, signal?: AbortSignal) => Promise<void>

export function bucketKeeper(connection: Connection): EnsureBucket {
  const known = new Set<string>()
  return async (bucket, signal) => {
    if (connection.options.no_check_bucket || known.has(bucket)) return
    if (!(await hasBucket(connection, bucket, { signal }))) await makeBucket(connection, bucket, signal)
    known.add(bucket)
  }
}

async function makeBucket(connection: Connection, bucket: string, signal: AbortSignal | undefined): Promise<void> {
  const { options, project } = connection
  if (project === '') {
    const message = `There is no bucket '${bucket}', and to make it the backend needs its project_number.`
    throw new StorageError('NotFound', message)
  }
  const acl = bucketAcl(connection)
  const storage = connection.vendor.during(signal)
  storage.projectId = project
  try {
    await storage.createBucket(bucket, {
      ...(options.location !== '' && { location: options.location }),
      ...(options.storage_class !== '' && { storageClass: options.storage_class }),
      ...(options.bucket_policy_only && { iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } }),
      ...(acl !== undefined && { predefinedAcl: vendorWord<'private'>(acl) }),
      ...payer(connection),
    })
  } catch (error) {
    if (!isOwnBucket(error)) throw error
  }
}

/** The library lists the words that it knew when it was made; the vendor has others besides. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- where it is used says which words it stands for
const vendorWord = <Word extends string>(word: string): Word => word as Word
