import { isADirectory, notADirectory, notFound, StorageError } from '@filegate/core'
import type { Entry, LocalAccess, OpenDirectory, OpenFile, StoragePath } from '@filegate/core'
import { closeSync, lstatSync, readlinkSync, type Stats } from 'node:fs'
import { asStorageError } from './classify.ts'
import { directoryEntry, fileEntry, isDirectory, isFile, isLink } from './entry.ts'
import type { Found, Locator, OpenedDirectory } from './locator.ts'
import type { RootFolder } from './root-folder.ts'
import { verifiedEntries } from './verified-entries.ts'

/** What the modules of this package need besides `LocalAccess`. */
export interface Access extends LocalAccess {
  readonly locator: Locator
  /** Where `path` would be on disk. @throws StorageError `NotFound` when no file can be there. */
  disk(path: StoragePath): string | Buffer
  /** Whoever holds it calls `close` exactly once. */
  pinDirectory(path: StoragePath): OpenedDirectory
}

export interface AccessOptions {
  readonly folder: RootFolder
  readonly locator: Locator
  readonly followsSymlinks: boolean
  /** The one name that is served, if not the whole folder. */
  readonly only?: string | undefined
}

const quiet = { throwIfNoEntry: false } as const

export function openAccess({ folder, locator, followsSymlinks, only }: AccessOptions): Access {
  const verified = verifiedEntries()

  function disk(path: StoragePath): string | Buffer {
    const place = only !== undefined && path !== '' && path !== only ? undefined : folder.locate(path)
    if (place === undefined) throw notFound(path)
    return place
  }

  function find(path: StoragePath, place: string | Buffer): Found {
    const found = locator.find(place)
    if (!found) throw notFound(path)
    return found
  }

  function stat(path: StoragePath): Entry {
    const place = disk(path)
    const seen = lstatSync(place, quiet)
    if (!seen) throw notFound(path)
    if (isLink(seen)) return entryOf(path, find(path, place).stats, readlinkSync(place))
    const known = verified.get(path, seen)
    if (known) return known
    const { stats } = followsSymlinks ? { stats: seen } : find(path, place)
    return verified.remember(entryOf(path, stats), stats)
  }

  function openFile(path: StoragePath): OpenFile {
    const place = disk(path)
    const opened = locator.openFile(place, (stats) => assertFile(path, stats))
    if (!opened) throw notFound(path)
    const { descriptor, stats, realPath } = opened
    try {
      const entry = fileEntry(path, stats, realPath === place ? undefined : linkText(place))
      return { descriptor, entry, close: () => closeSync(descriptor) }
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
  }

  function pinDirectory(path: StoragePath): OpenedDirectory {
    if (only !== undefined) throw path === '' ? singleFile(path) : notADirectory(path)
    const opened = locator.openDirectory(disk(path), (stats) => assertDirectory(path, stats))
    if (!opened) throw notFound(path)
    return opened
  }

  function openDirectory(path: StoragePath): OpenDirectory {
    const directory = pinDirectory(path)
    directory.close()
    const { stats, realPath } = directory
    if (realPath.includes('\uFFFD')) throw unspeakable(path)
    return { realPath, entry: directoryEntry(path, stats, linkText(disk(path))) }
  }

  const guarded = <T>(operation: string, work: (path: StoragePath) => T): ((path: StoragePath) => T) => {
    return (path) => {
      try {
        return work(path)
      } catch (error) {
        throw asStorageError(error, operation, path)
      }
    }
  }

  return {
    root: folder.path,
    followsSymlinks,
    locator,
    disk,
    stat: guarded('stat', stat),
    openFile: guarded('read', openFile),
    openDirectory: guarded('list', openDirectory),
    pinDirectory: guarded('list', pinDirectory),
  }
}

function entryOf(path: StoragePath, stats: Stats, symlinkTarget?: string): Entry {
  if (isFile(stats)) return fileEntry(path, stats, symlinkTarget)
  if (isDirectory(stats)) return directoryEntry(path, stats, symlinkTarget)
  throw notFound(path)
}

function assertFile(path: StoragePath, stats: Stats): void {
  if (isDirectory(stats)) throw isADirectory(path)
  if (!isFile(stats)) throw notFound(path)
}

function assertDirectory(path: StoragePath, stats: Stats): void {
  if (isFile(stats)) throw notADirectory(path)
  if (!isDirectory(stats)) throw notFound(path)
}

/** The text of the link at `place`; `undefined` when there is none. */
function linkText(place: string | Buffer): string | undefined {
  const stats = lstatSync(place, quiet)
  return stats && isLink(stats) ? readlinkSync(place) : undefined
}

const singleFile = (path: StoragePath): StorageError =>
  new StorageError('Unsupported', 'A single file is served here, so there is no folder to open.', { path })

const unspeakable = (path: StoragePath): StorageError =>
  new StorageError('Unsupported', `No other program can be given this folder, whose name is not UTF-8: /${path}`, {
    path,
  })
