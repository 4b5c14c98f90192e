import {
  type BucketObject,
  type HashAlgorithm,
  type HashOptions,
  type LinkOptions,
  type ListOptions,
  notFound,
  type Page,
  StorageError,
} from '@filegate/core'
import { isGzip, md5Of } from './adapt.ts'
import type { Connection } from './connection.ts'
import { isMissing } from './errors.ts'
import { detailsOf, foundDetails, type ObjectDetails } from './head.ts'
import { listVersions } from './list-versions.ts'
import { locate } from './locate.ts'
import { hexOfBase64 } from './metadata.ts'

/** A digest that the vendor has of the whole object, in hexadecimal. Those of parts are of no use. */
const checksums: Readonly<Partial<Record<HashAlgorithm, (details: ObjectDetails) => string | undefined>>> = {
  sha256: ({ ChecksumSHA256: text }) => hexOfBase64(text, 32),
  sha1: ({ ChecksumSHA1: text }) => hexOfBase64(text, 20),
  crc32c: ({ ChecksumCRC32C: text }) => hexOfBase64(text, 4),
}

/** @throws StorageError `Unsupported` when the vendor has no such digest of the object */
export async function hashOf(connection: Connection, key: string, { algorithm, signal }: HashOptions): Promise<string> {
  const target = await locate(connection, key, { signal })
  if (target.key === '') throw notFound(key)
  let details: ObjectDetails
  try {
    details = await detailsOf(connection, target, { signal }, algorithm !== 'md5')
  } catch (error) {
    throw isMissing(error) ? notFound(key) : error
  }
  const isInflated = connection.settings.decompress && isGzip(details)
  const isWhole = details.ChecksumType !== 'COMPOSITE'
  const stored = algorithm === 'md5' ? md5Of(details, connection.settings) : isWhole && checksums[algorithm]?.(details)
  if (stored && !isInflated) return stored
  throw new StorageError('Unsupported', `The vendor has no ${algorithm} of /${key}.`, { path: key })
}

/** The kept versions of an object, without its deletions. */
export async function revisionsOf(
  connection: Connection,
  key: string,
  { cursor, limit, signal }: ListOptions,
): Promise<Page<BucketObject>> {
  const place = connection.places.of(key)
  if (place.key === '') throw notFound(key)
  const query = { bucket: place.bucket, prefix: place.key, delimited: false, cursor, limit, signal }
  const page = await listVersions(connection, query)
  const own = page.versions.filter((version) => version.key === place.key)
  const items = own
    .filter(({ isDeletion }) => !isDeletion)
    .map(({ object, version }) => ({
      key,
      facts: { ...object.facts, version },
    }))
  // A key comes before all longer ones that begin with it.
  const isOver = own.length < page.versions.length
  return { items, ...(!isOver && page.cursor !== undefined && { cursor: page.cursor }) }
}

/** The longest that a signature of version 4 may last. */
const week = 604_800

export async function publicLinkOf(
  connection: Connection,
  key: string,
  { expiresIn = week, signal }: LinkOptions,
): Promise<string> {
  const { settings, vendor } = connection
  if (settings.customerKey) {
    throw new StorageError(
      'Unsupported',
      'Files under a key of your own cannot be shared: whoever reads needs the key.',
    )
  }
  if (expiresIn < 1 || (expiresIn > week && settings.signature === 'v4')) {
    throw new StorageError('InvalidArgument', `A link can last from 1 to ${week} seconds.`)
  }
  const { target } = await foundDetails(connection, key, { signal })
  const version = target.version === undefined ? {} : { VersionId: target.version }
  const { url } = await vendor.presign(
    'GET',
    { Bucket: target.bucket, Key: target.key, ...version },
    Math.floor(expiresIn),
  )
  return url
}
