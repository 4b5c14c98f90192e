import type { Stats } from 'node:fs'
import { sep } from 'node:path'
import { canPin, pinningLocator } from './locator-linux.ts'
import { comparingLocator } from './locator-portable.ts'

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

/** `root` is a real path. */
export function locatorFor(root: string, followsSymlinks: boolean): Locator {
  const prefix = root.endsWith(sep) ? root : root + sep
  const holds = (realPath: string): boolean => followsSymlinks || realPath === root || realPath.startsWith(prefix)
  return canPin(root) ? pinningLocator(holds) : comparingLocator(holds)
}
