import type { ConnectContext, StorageDriver } from '@filegate/core'
import { createVendor } from './client.ts'
import type { Connection } from './connection.ts'
import { copyPath } from './copy.ts'
import { makeDirectory } from './directories.ts'
import { hashOf, publicLinkOf, setModified, usageOf } from './facts.ts'
import { listDirectory } from './list.ts'
import { movePath } from './move.ts'
import type { AzureFilesOptions } from './options.ts'
import { proveAccess } from './probe.ts'
import { readFile } from './read.ts'
import { removePath } from './remove.ts'
import { statPath } from './stat.ts'
import { writeFile } from './write.ts'

/** Connects to a share and proves that it takes the login. */
export async function connectAzureFiles(options: AzureFilesOptions, context: ConnectContext): Promise<StorageDriver> {
  const { log, signal } = context
  const vendor = await createVendor(options, context)
  const connection: Connection = { vendor, options, log }
  try {
    await proveAccess(connection, signal)
  } catch (error) {
    vendor.close()
    throw error
  }
  return driverOver(connection)
}

function driverOver(connection: Connection): StorageDriver {
  const { vendor } = connection
  const { kind } = vendor.login.way
  return {
    provider: 'azurefiles',
    traits: {
      ranges: 'native',
      directories: 'real',
      caseSensitive: false,
      hashes: ['md5'],
      modifiedPrecision: 1,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'],
    },
    stat: (path, options) => statPath(connection, path, options),
    list: (path, options = {}) => listDirectory(connection, path, options),
    read: (path, options = {}) => readFile(connection, path, options),
    hash: (path, options) => hashOf(connection, path, options),
    write: (path, options) => writeFile(connection, path, options),
    remove: (path, options) => removePath(connection, path, options),
    makeDirectory: (path, options) => makeDirectory(connection, path, options),
    copy: (path, options) => copyPath(connection, path, options),
    move: (path, options) => movePath(connection, path, options),
    setModified: (path, options) => setModified(connection, path, options),
    // Tokens are for files and directories; what concerns a share is refused to them.
    ...(kind !== 'token' && { about: (_path, options) => usageOf(connection, options) }),
    // Only a key can sign.
    ...(kind === 'key' && { publicLink: (path, options) => publicLinkOf(connection, path, options) }),
    async close() {
      vendor.close()
    },
  }
}
