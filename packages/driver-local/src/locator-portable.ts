import { closeSync, constants, fstatSync, openSync, realpathSync, statSync, type Stats } from 'node:fs'
import type { Found, Holds, Locator, OpenedFile } from './locator.ts'

/** Windows lacks the last two, and has nothing that an open could wait for; as operands they count as 0 there. */
const readOnly = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

const isSame = (one: Stats, other: Stats): boolean => one.dev === other.dev && one.ino === other.ino

/**
 * For systems that cannot say where a descriptor is: resolves the path before and after, and trusts neither answer when
 * they differ or when the descriptor is of another file.
 */
export function comparingLocator(holds: Holds): Locator {
  function find(disk: string | Buffer): Found | undefined {
    const realPath = realpathSync.native(disk)
    const found = { stats: statSync(disk), realPath }
    if (!holds(found, () => realpathSync.native(disk, 'buffer'))) return undefined
    return realpathSync.native(disk) === realPath ? found : undefined
  }
  function openFile(disk: string | Buffer, check: (stats: Stats) => void): OpenedFile | undefined {
    const found = find(disk)
    if (!found) return undefined
    check(found.stats)
    const descriptor = openSync(disk, readOnly)
    try {
      const stats = fstatSync(descriptor)
      const again = isSame(stats, found.stats) ? find(disk) : undefined
      if (again && isSame(stats, again.stats)) return { ...again, descriptor }
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
    closeSync(descriptor)
    return undefined
  }
  return {
    find,
    openFile,
    openDirectory(disk, check) {
      const found = find(disk)
      if (!found) return undefined
      check(found.stats)
      return { ...found, pinnedPath: found.realPath, pinned: false, close: () => undefined }
    },
  }
}
