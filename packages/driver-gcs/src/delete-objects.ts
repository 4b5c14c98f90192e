import type { Operation } from '@filegate/core'
import { type Connection, payer } from './connection.ts'
import { placeOf } from './place.ts'

/** Deletions under way at the same time: the vendor has no call for several. */
const atOnce = 16

/** Deletes objects, and buckets after what is in them. What is not there is no error. */
export async function deleteKeys(
  connection: Connection,
  keys: readonly string[],
  { signal }: Operation,
): Promise<void> {
  const storage = connection.vendor.during(signal)
  const query = { ignoreNotFound: true, ...payer(connection) }
  const places = keys.map(placeOf)
  const objects = places.filter(({ key }) => key !== '').values()
  const lanes = Array.from({ length: atOnce }, async () => {
    for (const { bucket, key } of objects) await storage.bucket(bucket).file(key).delete(query)
  })
  const outcomes = await Promise.allSettled(lanes)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  for (const { bucket } of places.filter(({ key }) => key === '')) await storage.bucket(bucket).delete(query)
}
