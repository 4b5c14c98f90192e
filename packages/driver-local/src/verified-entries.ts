import type { Entry, StoragePath } from '@filegate/core'
import type { Stats } from 'node:fs'

export interface Verified {
  readonly entry: Entry
  /** Where it stood, without links on the way; undefined where that is not known. */
  readonly place: StoragePath | undefined
}

interface Remembered extends Verified {
  readonly stats: Stats
  /** When it was last proved to lie inside the root, on the monotonic clock. */
  readonly at: number
}

const capacity = 8192
/** How long a proof is trusted, in milliseconds. */
const lifetime = 1000
/** A change time this young, in milliseconds, might not tell two changes apart; two seconds is the coarsest in use. */
const settledAfter = 2000

/**
 * Remembers which files were proved to lie inside the root, so that a repeated `stat` costs one system call. This is
 * safe although that call checks nothing about the path: an entry is only given again for the same device, inode, size,
 * modification and change time. Any write, rename, link or change of rights moves the change time, so the answer is, to
 * the bit, one that was right to give a moment ago, wherever the file may be by now; nothing else can be learnt from it.
 */
export interface VerifiedEntries {
  get(path: string, stats: Stats): Verified | undefined
  remember(verified: Verified, stats: Stats): Entry
}

export function verifiedEntries(): VerifiedEntries {
  let young = new Map<string, Remembered>()
  let old = new Map<string, Remembered>()
  return {
    get(path, stats) {
      const known = young.get(path) ?? old.get(path)
      return known && isSame(known.stats, stats) && performance.now() - known.at < lifetime ? known : undefined
    },
    remember({ entry, place }, stats) {
      if (Date.now() - stats.ctimeMs < settledAfter || !Number.isSafeInteger(stats.ino)) return entry
      if (young.size >= capacity / 2) {
        old = young
        young = new Map()
      }
      young.set(entry.path, { entry, place, stats, at: performance.now() })
      return entry
    },
  }
}

const isSame = (one: Stats, other: Stats): boolean =>
  one.ino === other.ino &&
  one.ctimeMs === other.ctimeMs &&
  one.dev === other.dev &&
  one.size === other.size &&
  one.mtimeMs === other.mtimeMs &&
  one.mode === other.mode
