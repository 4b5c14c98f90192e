import type { Stats } from 'node:fs'
import type { FolderText } from './folder-text.ts'
import { isSameInode } from './plain-paths.ts'

/** Which folder it was, and when something in it was last added, removed or renamed. */
export type FolderStamp = Pick<Stats, 'dev' | 'ino' | 'ctimeMs'>

/**
 * What folders held when they were read. Whether that still holds is seen from their stamps: whatever comes or goes in a
 * folder moves its change time, which nobody can set back.
 */
export interface KnownFolders {
  /** What the folder at `disk` holds, if it is known of the one that has this stamp now. */
  find(disk: string, now: FolderStamp): FolderText | undefined
  /** Whether there is something about `disk`, true or not. */
  has(disk: string): boolean
  /** To be told only what `isLasting` when it was read, and with the stamp from before. */
  remember(disk: string, stamp: FolderStamp, text: FolderText): void
}

interface Known extends FolderStamp {
  readonly text: FolderText
}

/** Characters of all texts and paths together, which mostly take a byte each. */
const mostCharacters = 16 * 1024 * 1024
/** What else is kept about a folder, counted in the same way. */
const overhead = 200

export function createKnownFolders(most = mostCharacters): KnownFolders {
  const folders = new Map<string, Known>()
  let characters = 0
  const weight = (disk: string, { text }: Known): number => disk.length + text.length + overhead

  function forget(disk: string): void {
    const known = folders.get(disk)
    if (!known) return
    folders.delete(disk)
    characters -= weight(disk, known)
  }

  return {
    find(disk, now) {
      const known = folders.get(disk)
      if (!known) return undefined
      if (!isSameInode(known, now) || known.ctimeMs !== now.ctimeMs) {
        forget(disk)
        return undefined
      }
      // What was asked for last is forgotten last.
      folders.delete(disk)
      folders.set(disk, known)
      return known.text
    },
    has: (disk) => folders.has(disk),
    remember(disk, { dev, ino, ctimeMs }, text) {
      forget(disk)
      const known = { dev, ino, ctimeMs, text }
      const added = weight(disk, known)
      if (added > most / 8) return
      folders.set(disk, known)
      characters += added
      for (const oldest of folders.keys()) {
        if (characters <= most) break
        forget(oldest)
      }
    },
  }
}

/** Milliseconds; some file systems count change times in whole seconds. */
const lastingAfter = 2000

/**
 * Whether a folder that has this stamp before it is read can be known by it later: its last change must lie so far back that
 * the next one cannot be given the same time.
 */
export const isLasting = ({ ctimeMs }: FolderStamp, now = Date.now()): boolean => now - ctimeMs > lastingAfter
