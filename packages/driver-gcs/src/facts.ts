import { type BucketObject, type HashOptions, type ListOptions, type Page, StorageError } from '@filegate/core'
import { type Connection, payer } from './connection.ts'
import { foundResource } from './head.ts'
import { listing } from './list-objects.ts'
import { objectPlace } from './place.ts'
import { listedFields, objectOf, type Resource } from './resource.ts'

/** @throws StorageError `Unsupported` when the vendor has no such digest of the object */
export async function hashOf(connection: Connection, key: string, { algorithm, signal }: HashOptions): Promise<string> {
  const known = await foundResource(connection, key, { signal })
  const stored = objectOf(key, known, connection.options).facts.hashes?.[algorithm]
  if (stored !== undefined) return stored
  throw new StorageError('Unsupported', `The vendor has no ${algorithm} of /${key}.`, { path: key })
}

/** The kept generations of an object. The vendor lists them oldest first, so the page is all there is. */
export async function revisionsOf(
  connection: Connection,
  key: string,
  { signal }: ListOptions,
): Promise<Page<BucketObject>> {
  const place = objectPlace(key)
  const bucket = connection.vendor.during(signal).bucket(place.bucket)
  const own: Resource[] = []
  let cursor: string | undefined
  do {
    const [, , answer] = await bucket.getFiles({
      autoPaginate: false,
      versions: true,
      prefix: place.key,
      fields: `items(${listedFields}),nextPageToken`,
      ...(cursor !== undefined && { pageToken: cursor }),
      ...payer(connection),
    })
    const { items, nextPageToken } = listing.parse(answer)
    const found = items.filter(({ name }) => name === place.key)
    own.push(...found)
    // Keys that only begin with this one come after it.
    cursor = found.length === items.length ? nextPageToken : undefined
  } while (cursor !== undefined)
  const newestFirst = own.sort((one, other) => Number(BigInt(other.generation) - BigInt(one.generation)))
  const items = newestFirst.map((known) => {
    const { facts } = objectOf(key, known, connection.options)
    return { key, facts: { ...facts, version: known.generation } }
  })
  return { items }
}
