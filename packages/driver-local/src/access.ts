import { notFound, StorageError } from '@filegate/core/error'
import type { Entry, LocalAccess, OpenDirectory, OpenFile, StoragePath } from '@filegate/core'
import { closeSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { ifThere } from './errno.ts'
import type { Admits } from './admits.ts'
import { asStorageError } from './storage-error.ts'
import { assertDirectory, assertFile, directoryEntry, entryOf, fileEntry } from './entry.ts'
import { isLink } from './facts.ts'
import type { Locator, OpenedDirectory } from './locator.ts'
import { isBelow, placeBelow } from './place.ts'
import { isRefusedBehindLink } from './refusal.ts'
import type { RootFolder } from './root-folder.ts'
import type { Verified, VerifiedEntries } from './verified-entries.ts'

/** What the modules of this package need besides `LocalAccess`. */
export interface Access extends LocalAccess {
  /** It knows of nothing that `admits` refuses. */
  readonly locator: Locator
  readonly admits: Admits | undefined
  /** Where `path` would be on disk, links unresolved. @throws StorageError `NotFound` when no file can have this name. */
  disk(path: StoragePath): string | Buffer
  /** Whether no file of a user can have this path. */
  isReserved(path: StoragePath): boolean
  /** Whoever holds it calls `close` exactly once. */
  pinDirectory(path: StoragePath): OpenedDirectory
}

export interface AccessOptions {
  readonly folder: RootFolder
  readonly locator: Locator
  readonly followsSymlinks: boolean
  readonly narrowed: LocalAccess['narrowed']
  /** May be shared by accesses to the same folder. */
  readonly verified: VerifiedEntries
  readonly within?: LocalAccess['within']
  /** Goes with `within`. */
  readonly admits?: Admits | undefined
  /** The one file that is served, if not the whole folder. */
  readonly only?: StoragePath | undefined
}

/** A path of ours and where it would be on disk. */
interface Place {
  readonly path: StoragePath
  readonly disk: string | Buffer
}

const quiet = { throwIfNoEntry: false } as const

export function openAccess(options: AccessOptions): Access {
  const { folder, locator, followsSymlinks, narrowed, within, admits, only } = options

  const locate = (path: StoragePath): string | Buffer | undefined =>
    only !== undefined && path !== '' && path !== only ? undefined : folder.locate(path)

  function disk(path: StoragePath): string | Buffer {
    const place = locate(path)
    if (place === undefined) throw notFound(path)
    return place
  }

  const guarded = <T>(operation: string, work: (place: Place) => T): ((path: StoragePath) => T) => {
    return (path) => {
      const place = { path, disk: disk(path) }
      try {
        return work(place)
      } catch (error) {
        const isHidden = !followsSymlinks && isRefusedBehindLink(error, folder.path, place.disk)
        throw asStorageError(isHidden ? notFound(path) : error, operation, path)
      }
    }
  }

  const find = openFind(options)
  const guardedFind = guarded('stat', find)
  const pinDirectory = guarded('list', ({ path, disk }) => {
    if (only !== undefined && path === '') throw singleFile(path)
    return pin(locator, { path, disk })
  })

  return {
    root: folder.path,
    followsSymlinks,
    locator,
    within,
    admits,
    disk,
    isReserved: (path) => folder.isReserved(path),
    narrowed,
    placeOf(path) {
      const where = locate(path)
      if (where === undefined) return undefined
      // An error costs more than this look.
      const found = ifThere(() => (lstatSync(where, quiet) ? locator.find(where) : undefined))
      return found && placeOf(folder.path, found.realPath, where)
    },
    stat: guarded('stat', (place) => {
      const found = find(place)
      if (!found) throw notFound(place.path)
      return found
    }),
    find(path) {
      const where = locate(path)
      return where === undefined ? undefined : guardedFind(path)
    },
    openFile: guarded('read', (place) => openFile(locator, place)),
    openDirectory: guarded('list', (place) => describe(pinDirectory(place.path), place)),
    pinDirectory,
  }
}

function placeOf(root: string, realPath: string, disk: string | Buffer): StoragePath | undefined {
  return isBelow(root, realPath) ? placeBelow(root, realPath, () => realpathSync.native(disk, 'buffer')) : undefined
}

type Find = (place: Place) => Entry | undefined

function openFind({ folder, locator, followsSymlinks, verified, admits }: AccessOptions): Find {
  const isAdmitted = ({ entry, place }: Verified): boolean =>
    !admits || (place !== undefined && admits(place, entry.kind))
  return ({ path, disk }) => {
    const seen = lstatSync(disk, quiet)
    if (!seen) return undefined
    const known = isLink(seen) ? undefined : verified.get(path, seen)
    if (known && isAdmitted(known)) return known.entry
    if (followsSymlinks && !admits && !isLink(seen)) {
      return verified.remember({ entry: entryOf(path, seen), place: undefined }, seen)
    }
    const found = locator.find(disk)
    if (!found) return undefined
    const { stats, realPath } = found
    if (isLink(seen)) return entryOf(path, stats, readlinkSync(disk))
    const entry = entryOf(path, stats)
    return verified.remember({ entry, place: placeOf(folder.path, realPath, disk) }, stats)
  }
}

function openFile(locator: Locator, { path, disk }: Place): OpenFile {
  const opened = locator.openFile(disk, (stats) => assertFile(path, stats))
  if (!opened) throw notFound(path)
  const { descriptor, stats, realPath } = opened
  const close = (): void => closeSync(descriptor)
  try {
    return { descriptor, entry: fileEntry(path, stats, realPath === disk ? undefined : linkText(disk)), close }
  } catch (error) {
    close()
    throw error
  }
}

function pin(locator: Locator, { path, disk }: Place): OpenedDirectory {
  const opened = locator.openDirectory(disk, (stats) => assertDirectory(path, stats))
  if (!opened) throw notFound(path)
  return opened
}

function describe(directory: OpenedDirectory, { path, disk }: Place): OpenDirectory {
  directory.close()
  const { realPath, stats } = directory
  if (realPath.includes('\uFFFD')) throw unspeakable(path)
  return { realPath, entry: directoryEntry(path, stats, realPath === disk ? undefined : linkText(disk)) }
}

/** The text of the link at `disk`; `undefined` when there is none. */
function linkText(disk: string | Buffer): string | undefined {
  const stats = lstatSync(disk, quiet)
  return stats && isLink(stats) ? readlinkSync(disk) : undefined
}

const singleFile = (path: StoragePath): StorageError =>
  new StorageError('Unsupported', 'A single file is served here, so there is no folder to open.', { path })

const unspeakable = (path: StoragePath): StorageError =>
  new StorageError('Unsupported', `No other program can be given this folder, whose name is not UTF-8: /${path}`, {
    path,
  })
