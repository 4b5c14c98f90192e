import type { BucketObject, ModifiedOptions, Operation } from '@filegate/core'
import { z } from 'zod'
import { bucketItem } from './buckets.ts'
import { type Connection, objectAcl, payer } from './connection.ts'
import type { EnsureBucket } from './ensure-bucket.ts'
import { foundResource } from './head.ts'
import { timeMetadata } from './metadata.ts'
import { objectPlace, type Place, placeOf, placeToWrite } from './place.ts'
import { objectOf, resource, type Resource } from './resource.ts'

/** Copies an object inside the service, over what is there; a bucket as the place to copy into is made. */
export async function copyObject(
  connection: Connection,
  ensure: EnsureBucket,
  [from, to]: readonly [from: string, to: string],
  { signal }: Operation,
): Promise<BucketObject> {
  const destination = placeToWrite(to)
  await ensure(destination.bucket, signal)
  if (placeOf(from).key === '' || destination.key === '') return bucketItem(destination.bucket)
  const { storage_class: storageClass } = connection.options
  // What is said of the copy replaces all that the source has, so all of it has to be said.
  const said = storageClass === '' ? {} : { ...kept(await foundResource(connection, from, { signal })), storageClass }
  const written = await rewrite(connection, { source: objectPlace(from), destination, said, signal })
  return objectOf(to, written, connection.options)
}

/**
 * Keeps the bytes of an object and gives it another time. It costs a copy onto itself: to change metadata in place takes
 * rights that logins for reading and writing do not have.
 */
export async function changeTime(
  connection: Connection,
  key: string,
  { modified, signal }: ModifiedOptions,
): Promise<BucketObject> {
  const place = objectPlace(key)
  const old = await foundResource(connection, key, { signal })
  const { storage_class: wanted } = connection.options
  const storageClass = wanted || old.storageClass
  const metadata = { ...old.metadata, ...timeMetadata(modified) }
  const said = { ...kept(old), metadata, ...(storageClass !== undefined && { storageClass }) }
  const only = { ifGenerationMatch: old.generation, ifSourceGenerationMatch: old.generation }
  const written = await rewrite(connection, { source: place, destination: place, said, only, signal })
  return objectOf(key, written, connection.options)
}

/** What an object has besides its bytes. */
function kept({ contentType, contentEncoding, contentDisposition, ...known }: Resource) {
  const { contentLanguage, cacheControl, customTime, metadata } = known
  const all = { contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl, customTime, metadata }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

interface Rewrite extends Operation {
  readonly source: Place
  readonly destination: Place
  /** Of the copy; nothing, to take it over from the source. */
  readonly said: Readonly<Record<string, unknown>>
  readonly only?: Readonly<Record<string, string>>
}

const progress = z.object({
  done: z.boolean(),
  rewriteToken: z.string().optional(),
  resource: resource.optional(),
})

/** Copies as the vendor does it: large objects take several calls, each of which goes on where the one before ended. */
async function rewrite(
  connection: Connection,
  { source, destination, said, only, signal }: Rewrite,
): Promise<Resource> {
  const bucket = connection.vendor.during(signal).bucket(source.bucket)
  const to = `b/${destination.bucket}/o/${encodeURIComponent(destination.key)}`
  const query = { destinationPredefinedAcl: objectAcl(connection), ...only, ...payer(connection) }
  let rewriteToken: string | undefined
  for (;;) {
    const [answer] = await bucket.request({
      method: 'POST',
      uri: `/o/${encodeURIComponent(source.key)}/rewriteTo/${to}`,
      qs: { ...query, rewriteToken },
      ...(Object.keys(said).length > 0 && { json: said }),
    })
    const state = progress.parse(answer)
    if (state.done) return resource.parse(state.resource)
    rewriteToken = z.string().parse(state.rewriteToken)
  }
}
