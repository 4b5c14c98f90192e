import { type DirectoryEntry, joinPath, StorageError } from '@filegate/core'
import { type Dir, opendirSync } from 'node:fs'
import type { ViewContext } from '../views/view.ts'
import { timeSlices } from './time-slices.ts'

type Looking = Pick<ViewContext, 'local' | 'scope' | 'request'>

/**
 * Counts, for a caller who may not see everything, the entries of directories that this caller may see. Undefined for a
 * directory that cannot be counted: it lies on a backend, where that would cost a request for each, or may not be read.
 */
export function visibleChildren(looking: Looking): (entry: DirectoryEntry) => Promise<number | undefined> {
  const { local, scope } = looking
  const pause = timeSlices()
  return async (entry) => {
    if (!local) return undefined
    let directory: Dir
    try {
      directory = opendirSync(local.openDirectory(entry.path).realPath, { bufferSize: 256 })
    } catch (error) {
      if (isRefusal(error)) return undefined
      throw error
    }
    try {
      let count = 0
      let seen = 0
      for (let child = directory.readSync(); child; child = directory.readSync()) {
        const kind = child.isDirectory() ? 'directory' : 'file'
        if (scope.shows(joinPath(entry.path, child.name), kind)) count++
        if (++seen % 128 === 0) await pause()
      }
      return count
    } finally {
      directory.closeSync()
    }
  }
}

/** Gone meanwhile, or closed to us by the operating system: what makes it into a listing, but has no count there. */
function isRefusal(error: unknown): boolean {
  return StorageError.is(error) || (error instanceof Error && 'syscall' in error)
}
