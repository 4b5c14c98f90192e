import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs'
import type { Found, Holds, Locator } from './locator.ts'

/** Not among Node's constants. Such a descriptor names a file without opening it: no driver is called, no FIFO waits. */
export const O_PATH = 0o10000000

/** By number, because looking up `self` was measured at a tenth of the whole. */
const descriptors = `/proc/${process.pid}/fd/`

/** Where the kernel shows what a descriptor of this process really is; opening it is opening that very file. */
export const descriptorPath = (descriptor: number): string => descriptors + descriptor

/** Whether this system can do what `pinningLocator` needs: Linux with /proc mounted. */
export function canPin(directory: string): boolean {
  if (process.platform !== 'linux') return false
  try {
    const descriptor = openSync(directory, O_PATH)
    try {
      return readlinkSync(descriptorPath(descriptor)) === directory
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return false
  }
}

/**
 * Pins what a path leads to, asks the kernel where that is, and opens it through the pin: there is no moment between
 * check and use. See open(2) on O_PATH and proc(5) on /proc/pid/fd.
 */
export function pinningLocator(holds: Holds): Locator {
  function pin<T>(disk: string | Buffer, work: (found: Found, path: string) => T): T | undefined {
    const descriptor = openSync(disk, O_PATH)
    try {
      const path = descriptorPath(descriptor)
      const found = { stats: fstatSync(descriptor), realPath: readlinkSync(path) }
      return holds(found, () => readlinkSync(path, 'buffer')) ? work(found, path) : undefined
    } finally {
      closeSync(descriptor)
    }
  }
  return {
    find: (disk) => pin(disk, (found) => found),
    openFile: (disk, check) =>
      pin(disk, (found, path) => {
        check(found.stats)
        return { ...found, descriptor: openSync(path, constants.O_RDONLY) }
      }),
    openDirectory: (disk, check) =>
      pin(disk, (found, path) => {
        check(found.stats)
        const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
        const pinnedPath = descriptorPath(descriptor)
        return { ...found, pinnedPath, pinned: true, descriptor, close: () => closeSync(descriptor) }
      }),
  }
}
