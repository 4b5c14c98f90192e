import type { Stats } from 'node:fs'
import type { RootFolder } from './root-folder.ts'
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

export function locatorFor(folder: RootFolder, followsSymlinks: boolean): Locator {
  const holds = followsSymlinks ? () => true : (realPath: string) => folder.holds(realPath)
  return canPin(folder.path) ? pinningLocator(holds) : comparingLocator(holds)
}
