import type { Operation } from '@filegate/core'
import { type Connection, until } from './connection.ts'
import { statusOf } from './errors.ts'
import { locate, shownDeletion, type Target } from './locate.ts'

/** Keys that one request may name. */
const batch = 1000
/** What XML cannot say, not even escaped. */
// oxlint-disable-next-line no-control-regex -- these very characters are the point
const unsayable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

/** Deletes objects, and buckets after what is in them. What is not there is no error. */
export async function deleteKeys(connection: Connection, keys: readonly string[], options: Operation): Promise<void> {
  const { signal } = options
  const targets = new Map<string, Target[]>()
  const buckets: string[] = []
  for (const key of keys) {
    const { bucket, key: inside } = connection.places.of(key)
    if (inside === '') buckets.push(bucket)
    else targets.set(bucket, [...(targets.get(bucket) ?? []), await deletable(connection, key, options)])
  }
  for (const [bucket, objects] of targets) {
    for (let start = 0; start < objects.length; start += batch) {
      await deleteBatch(connection, bucket, objects.slice(start, start + batch), signal)
    }
  }
  for (const bucket of buckets) await connection.vendor.s3.deleteBucket({ Bucket: bucket }, until(signal))
}

/** A deletion that is shown as a file is deleted as the version that it is, which brings the file back. */
async function deletable(connection: Connection, key: string, { signal }: Operation): Promise<Target> {
  const target = await locate(connection, key, { signal })
  if (target.version !== undefined) return target
  const deletion = await shownDeletion(connection, target, signal)
  return deletion ? { ...target, version: deletion.version } : target
}

async function deleteBatch(
  connection: Connection,
  bucket: string,
  targets: readonly Target[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const sayable = targets.filter(({ key }) => !unsayable.test(key))
  const single = targets.filter(({ key }) => unsayable.test(key))
  if (sayable.length === 1) single.push(...sayable)
  else if (sayable.length > 1 && !(await deleteTogether(connection, bucket, sayable, signal))) single.push(...sayable)
  for (const { key, version } of single) {
    const input = { Bucket: bucket, Key: key, ...(version !== undefined && { VersionId: version }) }
    await connection.vendor.s3.deleteObject(input, until(signal))
  }
}

/** `false` when the service does not know the call. */
async function deleteTogether(
  { vendor }: Connection,
  bucket: string,
  targets: readonly Target[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const Objects = targets.map(({ key, version }) => ({
    Key: key,
    ...(version !== undefined && { VersionId: version }),
  }))
  try {
    const { Errors = [] } = await vendor.s3.deleteObjects(
      { Bucket: bucket, Delete: { Objects, Quiet: true } },
      until(signal),
    )
    const failed = Errors.find(({ Code }) => Code !== 'NoSuchKey' && Code !== 'NoSuchVersion')
    if (failed) throw Object.assign(new Error(`An object could not be deleted: ${failed.Code}`), { name: failed.Code })
    return true
  } catch (error) {
    const status = statusOf(error)
    if (status === 501 || status === 405) return false
    throw error
  }
}
