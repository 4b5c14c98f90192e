import type { StoragePath } from '@filegate/core'
import { statSync } from 'node:fs'
import type { Access } from '../access.ts'
import type { OpenedDirectory } from '../locator.ts'
import { isSameInode } from '../plain-paths.ts'

/** Opens a folder, or lends one that was opened a moment ago. Whoever gets one calls `close` once. */
export type PinFolder = (path: StoragePath) => OpenedDirectory

interface Held {
  readonly folder: OpenedDirectory
  readonly since: number
  borrowers: number
  isDropped: boolean
}

/** Milliseconds. Afterwards everything about a folder is proved anew. */
const heldFor = 50
const mostHeld = 16

/**
 * Many files that come into one folder need not open it, and prove where it is, each for itself. It is lent only while its path still
 * leads to it: what was swapped for another folder or a link is opened anew, and judged. A change that takes long holds its folder longer.
 */
export function createHeldFolders({ disk, pinDirectory }: Pick<Access, 'disk' | 'pinDirectory'>): PinFolder {
  const held = new Map<StoragePath, Held>()
  let sweep: NodeJS.Timeout | undefined

  function sweepLater(): void {
    sweep ??= setTimeout(() => {
      sweep = undefined
      for (const [path, known] of held) if (isOld(known)) drop(path, known)
      if (held.size > 0) sweepLater()
    }, heldFor).unref()
  }
  function drop(path: StoragePath, known: Held): void {
    held.delete(path)
    known.isDropped = true
    if (known.borrowers === 0) known.folder.close()
  }
  function lend(known: Held): OpenedDirectory {
    known.borrowers++
    const close = (): void => {
      known.borrowers--
      if (known.isDropped && known.borrowers === 0) known.folder.close()
    }
    return { ...known.folder, close }
  }
  return (path) => {
    const known = held.get(path)
    if (known) {
      if (!isOld(known) && leadsTo(disk(path), known.folder)) return lend(known)
      drop(path, known)
    }
    const folder = pinDirectory(path)
    if (!folder.pinned || held.size >= mostHeld) return folder
    const opened: Held = { folder, since: performance.now(), borrowers: 0, isDropped: false }
    held.set(path, opened)
    sweepLater()
    return lend(opened)
  }
}

const isOld = ({ since }: Held): boolean => performance.now() - since >= heldFor

function leadsTo(place: string | Buffer, { stats }: OpenedDirectory): boolean {
  try {
    const now = statSync(place, { throwIfNoEntry: false })
    return now !== undefined && isSameInode(now, stats)
  } catch {
    // Opening it says what is wrong.
    return false
  }
}
