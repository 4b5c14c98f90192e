import {
  evaluateConditions,
  offerLocalAccess,
  offerLocalChanges,
  joinPath,
  resolveRange,
  root,
  StorageError,
  throwIfAborted,
} from '@filegate/core'
import type {
  Conditions,
  Entry,
  FileEntry,
  HashOptions,
  LocalAccess,
  LocalChanges,
  Page,
  ReadOptions,
  ReadResult,
  StorageDriver,
  StoragePath,
  Traits,
} from '@filegate/core'
import { openAccess, type Access } from './access.ts'
import { admitsWithin, withinBoth } from './admits.ts'
import { bodyOf } from './body.ts'
import { type LateChanges, lateChanges } from './change/late-changes.ts'
import type { ChangeOptions } from './change/local-changes.ts'
import { asStorageError } from './storage-error.ts'
import { hashAlgorithms, type Hasher, openHasher } from './hash.ts'
import { type LargeLister, openLargeLister } from './list-large.ts'
import { type LocalListOptions, openLister } from './list.ts'
import { locatorFor } from './locator.ts'
import { openRootFolder } from './root-folder.ts'
import { verifiedEntries } from './verified-entries.ts'

export interface LocalOptions {
  /** The folder to serve. It may be reached through a symbolic link. */
  readonly root: string
  /** Whether links may lead outside the root. Links that stay inside are always followed. */
  readonly followsSymlinks: boolean
  /** Serve nothing but the file of this name in the folder. */
  readonly only?: string | undefined
  /** As `LocalAccess.within`. */
  readonly within?: readonly StoragePath[] | undefined
  readonly changes?: ChangeOptions | undefined
  /** Whether paths may lead into the folder `trashName` in the root, which is hidden otherwise. */
  readonly reachesTrash?: boolean | undefined
}

/** It can be changed too, in every way that `LocalChanges` names. */
export interface LocalDriver extends Omit<StorageDriver, keyof LocalChanges>, LocalChanges {
  list(path: StoragePath, options?: LocalListOptions): Promise<Page<Entry>>
  hash(path: StoragePath, options: HashOptions): Promise<string>
  close(): Promise<void>
}

const traits: Traits = {
  ranges: 'native',
  directories: 'real',
  caseSensitive: process.platform !== 'win32' && process.platform !== 'darwin',
  hashes: hashAlgorithms,
  modifiedPrecision: 0.001,
  conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'],
}

/**
 * A driver over a folder of the local file system, which also offers LocalAccess. It holds no descriptor and no thread
 * until it is used.
 * @throws StorageError when there is no such folder.
 */
export function openLocalDriver(options: LocalOptions): LocalDriver {
  const { root: served, followsSymlinks, only, within, changes, reachesTrash } = options
  const folder = openRootFolder(served, reachesTrash)
  const file = only === undefined ? undefined : joinPath(root, only)
  const shared: Shared = { file, large: openLargeLister(), hasher: openHasher(), changing: lateChanges(changes) }
  const verified = verifiedEntries()

  function driverFor(places: readonly StoragePath[] | undefined): LocalDriver {
    const admits = places && admitsWithin(places)
    const locator = locatorFor(folder.path, followsSymlinks, admits)
    const narrowed: LocalAccess['narrowed'] = (further) => driverFor(withinBoth(places, further))
    const access = openAccess({
      folder,
      locator,
      followsSymlinks,
      only: file,
      within: places,
      admits,
      narrowed,
      verified,
    })
    const driver = driverOver(access, shared)
    offerLocalAccess(driver, access)
    offerLocalChanges(driver, driver)
    return driver
  }
  return driverFor(within)
}

/** What a driver has in common with those that were narrowed from it. */
interface Shared {
  readonly file: StoragePath | undefined
  readonly large: LargeLister
  readonly hasher: Hasher
  readonly changing: LateChanges
}

function driverOver(access: Access, { file, large, hasher, changing }: Shared): LocalDriver {
  const lister = openLister(access, large)
  return {
    ...changing.over(access),
    provider: 'local',
    traits,
    async stat(path, options) {
      throwIfAborted(options?.signal)
      return access.stat(path)
    },
    async list(path, options = {}) {
      throwIfAborted(options.signal)
      if (file !== undefined && path === root) return { items: [access.stat(file)] }
      try {
        return await lister.list(path, options)
      } catch (error) {
        throw asStorageError(error, 'list', path)
      }
    },
    async read(path, options = {}) {
      throwIfAborted(options.signal)
      return readFile(access, path, options)
    },
    async hash(path, options) {
      throwIfAborted(options.signal)
      try {
        return await hasher.hash(access, path, options)
      } catch (error) {
        throw asStorageError(error, 'hash', path)
      }
    },
    async close() {
      lister.clear()
      changing.close()
      await Promise.all([large.close(), hasher.close()])
    },
  }
}

function readFile(access: Access, path: StoragePath, { range, conditions, version, signal }: ReadOptions): ReadResult {
  if (version !== undefined) throw noVersions(path)
  const file = access.openFile(path)
  const { entry } = file
  try {
    if (conditions) checkConditions(conditions, entry)
    const slice = range && resolveRange(range, entry.size)
    return { entry, range: slice, body: bodyOf(file, slice ?? { start: 0, end: entry.size }, signal) }
  } catch (error) {
    file.close()
    throw asStorageError(error, 'read', path)
  }
}

const noVersions = (path: StoragePath): StorageError =>
  new StorageError('NotFound', `A local folder keeps no versions of its files: /${path}`, { path })

/** @throws StorageError `NotModified` or `PreconditionFailed` */
function checkConditions(conditions: Conditions, entry: FileEntry): void {
  const outcome = evaluateConditions(conditions, entry)
  if (outcome === 'not-modified') throw new StorageError('NotModified', `The file has not changed: /${entry.path}`)
  if (outcome === 'failed') {
    throw new StorageError('PreconditionFailed', `The condition does not hold for /${entry.path}`)
  }
}
