import type { Stats } from 'node:fs'
import type { Admits } from './admits.ts'
import { canPin, pinningLocator } from './locator-linux.ts'
import { isDirectory } from './facts.ts'
import { comparingLocator } from './locator-portable.ts'
import { isBelow, placeBelow } from './place.ts'

/** What a path leads to, once it is certain where that is. */
export interface Found {
  readonly stats: Stats
  /** Absolute, without symbolic links. Bytes that are not UTF-8 show as U+FFFD. */
  readonly realPath: string
}

/** Whoever holds it closes `descriptor` exactly once. */
export interface OpenedFile extends Found {
  readonly descriptor: number
}

/** Whoever holds it calls `close` exactly once. */
export interface OpenedDirectory extends Found {
  /** A name for this very directory until `close`. On Linux no change of the tree can make it lead anywhere else. */
  readonly pinnedPath: string
  /** Whether `pinnedPath` is proof against changes of the tree; otherwise compare before and after. */
  readonly pinned: boolean
  /** Of this very directory until `close`, where the system lets directories be opened. */
  readonly descriptor?: number | undefined
  close(): void
}

/**
 * The boundary on disk. Each function resolves a path, links and all, and answers `undefined` when it leads outside the
 * root. `check` sees what was found and throws if it is not to be opened: no device, FIFO or socket ever is.
 * @throws the errors of `node:fs`.
 */
export interface Locator {
  find(disk: string | Buffer): Found | undefined
  openFile(disk: string | Buffer, check: (stats: Stats) => void): OpenedFile | undefined
  openDirectory(disk: string | Buffer, check: (stats: Stats) => void): OpenedDirectory | undefined
}

/** Whether what was found is not to be treated as missing. `bytes` gives the real path as it is on disk. */
export type Holds = (found: Found, bytes: () => Buffer) => boolean

/** `root` is a real path. Of what lies in it, only what `admits` allows counts as being there. */
export function locatorFor(root: string, followsSymlinks: boolean, admits?: Admits): Locator {
  const holds: Holds = ({ stats, realPath }, bytes) => {
    if (!isBelow(root, realPath)) return followsSymlinks
    return !admits || admits(placeBelow(root, realPath, bytes), isDirectory(stats) ? 'directory' : 'file')
  }
  return canPin(root) ? pinningLocator(holds) : comparingLocator(holds)
}
