import { type BucketSource, type ConnectContext, fromBucket, type StorageDriver } from '@filegate/core'
import { pagesOver } from './buckets.ts'
import { createVendor } from './client.ts'
import type { Connection } from './connection.ts'
import { changeTime, copyObject } from './copy-object.ts'
import { deleteKeys } from './delete-objects.ts'
import { bucketKeeper } from './ensure-bucket.ts'
import { classify } from './errors.ts'
import { hashOf, publicLinkOf, revisionsOf } from './facts.ts'
import { headOf } from './head.ts'
import { type KeyLister, keyLister } from './list-keys.ts'
import { listAllVersions, listVersionsAt } from './list-versions.ts'
import { openObject } from './open.ts'
import type { S3Options } from './options.ts'
import { placesOf } from './place.ts'
import { isPreset } from './presets.ts'
import { proveAccess } from './probe.ts'
import { resolveSettings } from './settings.ts'
import { writeObject } from './write-object.ts'

/** Connects to a service and proves that it takes the key. */
export async function connectS3(options: S3Options, context: ConnectContext): Promise<StorageDriver> {
  const { fetch, log, signal } = context
  const settings = resolveSettings(options)
  const places = placesOf(settings.endpoint.bucket)
  if (options.provider !== '' && !isPreset(options.provider)) {
    log.warn('The provider is none that is known; it is treated like Other.', { provider: options.provider })
  }
  const vendor = await createVendor(settings, context)
  const connection: Connection = { vendor, settings, places, fetch, log }
  try {
    await proveAccess(connection, signal)
  } catch (error) {
    vendor.close()
    throw error
  }
  return fromBucket(sourceOf(connection))
}

function sourceOf(connection: Connection): BucketSource {
  const { settings, vendor } = connection
  return {
    provider: 's3',
    traits: {
      ranges: settings.decompress ? 'discarded' : 'native',
      caseSensitive: true,
      hashes: settings.etagIsMd5 ? ['md5'] : [],
      modifiedPrecision: 0.001,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'],
    },
    classify,
    // Directory buckets are the only ones that list in no order.
    ordered: !settings.directory_bucket,
    markers: settings.directory_markers,
    pages: pagesOver(connection, listerOf(connection)),
    head: (key, options) => headOf(connection, key, options),
    open: (key, options) => openObject(connection, key, options),
    hash: (key, options) => hashOf(connection, key, options),
    revisions: (key, options) => revisionsOf(connection, key, options),
    publicLink: (key, options) => publicLinkOf(connection, key, options),
    // The past cannot be changed.
    ...(settings.versionAt === undefined && changesOf(connection)),
    close: async () => vendor.close(),
  }
}

function listerOf(connection: Connection): KeyLister {
  const { versions, versionAt } = connection.settings
  if (versionAt !== undefined) return (query) => listVersionsAt(connection, query, versionAt)
  return versions ? (query) => listAllVersions(connection, query) : keyLister(connection)
}

function changesOf(connection: Connection) {
  const ensure = bucketKeeper(connection)
  return {
    put: (key, options) => writeObject(connection, ensure, key, options),
    delete: (keys, options) => deleteKeys(connection, keys, options),
    copy: (key, destination, options) => copyObject(connection, ensure, [key, destination], options),
    setModified: (key, options) => changeTime(connection, key, options),
  } satisfies Partial<BucketSource>
}
