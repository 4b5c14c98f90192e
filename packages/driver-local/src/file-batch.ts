import type { LocalAccess } from '@filegate/core'
import { parentPath, root as rootPath, type StoragePath } from '@filegate/core/path'
import { constants, lstatSync, openSync } from 'node:fs'
import { admitsWithin } from './admits.ts'
import { ifThere } from './errno.ts'
import { isFile } from './facts.ts'
import { openFiles } from './open-files.ts'
import { keepsChangeTimes } from './plain-paths.ts'
import { openRootFolder } from './root-folder.ts'
import { folderFinder, proveBatch, type WalkFolder } from './walk-folder.ts'

/** An open regular file. Whoever has it closes the descriptor exactly once. */
export interface BatchFile {
  readonly descriptor: number
  /** Bytes. */
  readonly size: number
  /** Unix time in milliseconds. */
  readonly modified: number
  /** Permission bits. */
  readonly mode: number | undefined
}

export interface FileBatch {
  /** @throws StorageError as `LocalAccess.openFile` does. */
  open(path: StoragePath): BatchFile
  /** To be asked when the batch is done. If not, all that was read is to be thrown away, and read again one by one. */
  holds(): boolean
}

export interface FileBatches {
  /**
   * Takes four system calls for a file, reading and closing it included, instead of eight. It uses plain paths, as
   * `plain-paths.ts` has it: `holds` is the proof for all of them. Where that cannot be had, a file is opened as by `oneByOne`.
   */
  together(): FileBatch
  /** Each file proved to lie inside the root when it is opened. */
  oneByOne(): FileBatch
}

const permissionBits = 0o7777
const quiet = { throwIfNoEntry: false } as const
/** What takes the place of a file between two calls is neither followed nor waited for, and the proof does not hold then. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY

/** For threads that read many small files of a folder. */
export function fileBatches(folder: Pick<LocalAccess, 'root' | 'followsSymlinks' | 'within'>): FileBatches {
  const rootFolder = openRootFolder(folder.root)
  const root = rootFolder.path
  const isProvable = keepsChangeTimes(root)
  const admits = folder.within && admitsWithin(folder.within)
  const openFile = openFiles(folder)
  const openAlone = (path: StoragePath): BatchFile => {
    const { descriptor, entry } = openFile(path)
    return { descriptor, size: entry.size, modified: entry.modified, mode: entry.posix?.mode }
  }

  /** Undefined for all that is not plainly a file. */
  function openPlain(path: StoragePath): BatchFile | undefined {
    const disk = rootFolder.locate(path)
    if (typeof disk !== 'string' || admits?.(path, 'file') === false) return undefined
    const stats = lstatSync(disk, quiet)
    if (!stats || !isFile(stats)) return undefined
    const descriptor = openSync(disk, flags)
    return { descriptor, size: stats.size, modified: stats.mtimeMs, mode: stats.mode & permissionBits }
  }

  function together(): FileBatch {
    const proof = proveBatch()
    const find = folderFinder({ root, path: rootPath, disk: root })
    // Files come folder by folder.
    let parent: StoragePath | undefined
    let isPassable = false
    const passes = (above: WalkFolder | undefined): boolean => above !== undefined && proof.pass(above)
    return {
      open(path) {
        const above = parentPath(path)
        if (above !== parent) {
          isPassable = ifThere(() => passes(find(above))) === true
          parent = above
        }
        const file = isPassable ? ifThere(() => openPlain(path)) : undefined
        return file ?? openAlone(path)
      },
      holds: () => proof.holds(),
    }
  }

  const oneByOne = (): FileBatch => ({ open: openAlone, holds: () => true })
  return { together: isProvable ? together : oneByOne, oneByOne }
}
