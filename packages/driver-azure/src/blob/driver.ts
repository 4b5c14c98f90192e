import { type BucketSource, type ConnectContext, fromBucket, type StorageDriver } from '@filegate/core'
import { createVendor } from './client.ts'
import type { Connection } from './connection.ts'
import { pagesOf } from './containers.ts'
import { changeTime, copyBlob } from './copy-blob.ts'
import { deleteKeys } from './delete-blobs.ts'
import { containerKeeper } from './ensure-container.ts'
import { classify } from './errors.ts'
import { hashOf, publicLinkOf } from './facts.ts'
import { headOf } from './head.ts'
import { openBlob } from './open.ts'
import type { BlobOptions } from './options.ts'
import { proveAccess } from './probe.ts'
import { writeBlob } from './write-blob.ts'

/** Connects to an account and proves that it takes the login. */
export async function connectBlob(options: BlobOptions, context: ConnectContext): Promise<StorageDriver> {
  const { log, signal } = context
  const vendor = await createVendor(options, context)
  const connection: Connection = { vendor, options, log }
  try {
    await proveAccess(connection, signal)
  } catch (error) {
    vendor.close()
    throw error
  }
  return fromBucket(sourceOf(connection))
}

function sourceOf(connection: Connection): BucketSource {
  const { options, vendor } = connection
  const { share } = vendor
  const keeper = containerKeeper(connection)
  return {
    provider: 'azureblob',
    traits: {
      ranges: 'native',
      caseSensitive: true,
      hashes: ['md5'],
      modifiedPrecision: 0.001,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'],
    },
    classify,
    markers: options.directory_markers,
    pages: (query) => pagesOf(connection, query),
    head: (key, asked) => headOf(connection, key, asked),
    open: (key, asked) => openBlob(connection, key, asked),
    hash: (key, asked) => hashOf(connection, key, asked),
    put: (key, asked) => writeBlob(connection, keeper, key, asked),
    delete: (keys, asked) => deleteKeys(connection, keeper, keys, asked),
    copy: (key, destination, asked) => copyBlob(connection, keeper, [key, destination], asked),
    setModified: (key, asked) => changeTime(connection, key, asked),
    ...(share && { publicLink: (key, asked) => publicLinkOf(connection, share, key, asked) }),
    close: async () => vendor.close(),
  }
}
