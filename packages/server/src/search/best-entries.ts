import type { GlobSort } from './glob-request.ts'
import type { TreeEntry } from './tree-walk.ts'

/** Keeps the first so many of any number of entries, in order. */
export interface BestEntries {
  add(entry: TreeEntry): void
  /** How many were added. */
  readonly count: number
  inOrder(): readonly TreeEntry[]
}

const byPath = (one: TreeEntry, other: TreeEntry): number =>
  one.path < other.path ? -1 : one.path > other.path ? 1 : 0

const comparisons: Readonly<Record<GlobSort, (one: TreeEntry, other: TreeEntry) => number>> = {
  name: byPath,
  mtime: (one, other) => (one.modified ?? 0) - (other.modified ?? 0),
  size: (one, other) => (one.size ?? 0) - (other.size ?? 0),
}

/** Sorting now and then what has come together costs less than keeping order all the time. */
export function createBestEntries(sort: GlobSort, descending: boolean, most: number): BestEntries {
  const compare = comparisons[sort]
  const ordered = (one: TreeEntry, other: TreeEntry): number =>
    (descending ? compare(other, one) : compare(one, other)) || byPath(one, other)
  let kept: TreeEntry[] = []
  let count = 0
  const trim = (): TreeEntry[] => kept.sort(ordered).slice(0, most)
  return {
    get count() {
      return count
    },
    add(entry) {
      count++
      kept.push(entry)
      if (kept.length >= 2 * most + 1000) kept = trim()
    },
    inOrder: trim,
  }
}
