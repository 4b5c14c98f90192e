import { type BucketSource, type ConnectContext, fromBucket, type StorageDriver } from '@filegate/core'
import { pagesOver } from './buckets.ts'
import { createClient } from './client.ts'
import type { Connection } from './connection.ts'
import { changeTime, copyObject } from './copy-object.ts'
import { logIn } from './credentials/login.ts'
import { deleteKeys } from './delete-objects.ts'
import { parseEndpoint } from './endpoint.ts'
import { bucketKeeper } from './ensure-bucket.ts'
import { classify } from './errors.ts'
import { hashOf, revisionsOf } from './facts.ts'
import { headOf } from './head.ts'
import { openObject } from './open.ts'
import type { GcsOptions } from './options.ts'
import { proveAccess } from './probe.ts'
import { createVendor } from './vendor.ts'
import { writeObject } from './write-object.ts'

/** Connects to the service and proves that it takes the login. */
export async function connectGcs(options: GcsOptions, context: ConnectContext): Promise<StorageDriver> {
  const login = await logIn(options, context)
  const endpoint = parseEndpoint(options.endpoint)
  const vendor = createVendor(await import('@google-cloud/storage'), {
    client: createClient(context),
    login,
    endpoint,
  })
  const project = options.project_number || login.project || ''
  const connection: Connection = { vendor, endpoint, options, project, log: context.log }
  try {
    await proveAccess(connection, context.signal)
  } catch (error) {
    vendor.close()
    throw error
  }
  return fromBucket(sourceOf(connection))
}

function sourceOf(connection: Connection): BucketSource {
  const { options, vendor } = connection
  const ensure = bucketKeeper(connection)
  return {
    provider: 'google-cloud-storage',
    traits: {
      ranges: options.decompress ? 'discarded' : 'native',
      caseSensitive: true,
      hashes: ['md5', 'crc32c'],
      modifiedPrecision: 0.001,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'],
    },
    classify,
    markers: options.directory_markers,
    pages: (query) => pagesOver(connection, query),
    head: (key, asked) => headOf(connection, key, asked),
    open: (key, asked) => openObject(connection, key, asked),
    put: (key, asked) => writeObject(connection, ensure, key, asked),
    delete: (keys, asked) => deleteKeys(connection, keys, asked),
    copy: (key, destination, asked) => copyObject(connection, ensure, [key, destination], asked),
    setModified: (key, asked) => changeTime(connection, key, asked),
    hash: (key, asked) => hashOf(connection, key, asked),
    revisions: (key, asked) => revisionsOf(connection, key, asked),
    close: async () => vendor.close(),
  }
}
