import { offerLocalAccess, parsePath, resolveRange, root, StorageError, throwIfAborted } from '@filegate/core'
import type { Entry, Page, ReadOptions, ReadResult, StorageDriver, StoragePath, Traits } from '@filegate/core'
import { openAccess, type Access } from './access.ts'
import { bodyOf } from './body.ts'
import { asStorageError } from './classify.ts'
import { listDirectory, type LocalListOptions } from './list.ts'
import { locatorFor } from './locator.ts'
import { openRootFolder } from './root-folder.ts'

export interface LocalOptions {
  /** The folder to serve. It may be reached through a symbolic link. */
  readonly root: string
  /** Whether links may lead outside the root. Links that stay inside are always followed. */
  readonly followsSymlinks: boolean
  /** Serve nothing but the file of this name in the folder. */
  readonly only?: string | undefined
}

export interface LocalDriver extends StorageDriver {
  list(path: StoragePath, options?: LocalListOptions): Promise<Page<Entry>>
  close(): Promise<void>
}

const traits: Traits = {
  ranges: 'native',
  directories: 'real',
  caseSensitive: process.platform !== 'win32' && process.platform !== 'darwin',
  hashes: [],
  modifiedPrecision: 0.001,
  conditions: [],
}

/**
 * A driver over a folder of the local file system, which also offers LocalAccess. It holds no descriptor and no thread
 * until it is used.
 * @throws StorageError when there is no such folder.
 */
export function openLocalDriver({ root: served, followsSymlinks, only }: LocalOptions): LocalDriver {
  const folder = openRootFolder(served)
  const access = openAccess({ folder, locator: locatorFor(folder, followsSymlinks), followsSymlinks, only })

  const driver: LocalDriver = {
    provider: 'local',
    traits,
    async stat(path, options) {
      throwIfAborted(options?.signal)
      return access.stat(path)
    },
    async list(path, options = {}) {
      throwIfAborted(options.signal)
      if (only !== undefined && path === root) return { items: [access.stat(parsePath(only))] }
      try {
        return await listDirectory(access, path, options)
      } catch (error) {
        throw asStorageError(error, 'list', path)
      }
    },
    async read(path, options = {}) {
      throwIfAborted(options.signal)
      return readFile(access, path, options)
    },
    async close() {},
  }
  offerLocalAccess(driver, access)
  return driver
}

function readFile(access: Access, path: StoragePath, { range, version, signal }: ReadOptions): ReadResult {
  if (version !== undefined) throw noVersions(path)
  const file = access.openFile(path)
  const { entry } = file
  try {
    const slice = range && resolveRange(range, entry.size)
    return { entry, range: slice, body: bodyOf(file, slice ?? { start: 0, end: entry.size }, signal) }
  } catch (error) {
    file.close()
    throw asStorageError(error, 'read', path)
  }
}

const noVersions = (path: StoragePath): StorageError =>
  new StorageError('NotFound', `A local folder keeps no versions of its files: /${path}`, { path })
