import type { GlobSort } from './glob-request.ts'
import type { TreeEntry } from './tree-walk.ts'

/** Keeps the first so many of any number of entries, in order. */
export interface BestEntries {
  add(entry: TreeEntry): void
  /** How many were added. */
  readonly count: number
  inOrder(): readonly TreeEntry[]
}

export interface EntryOrder {
  readonly sort: GlobSort
  readonly descending: boolean
}

type Comparison = (one: TreeEntry, other: TreeEntry) => number

const byPath: Comparison = (one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0)

const comparisons: Readonly<Record<GlobSort, Comparison>> = {
  name: byPath,
  mtime: (one, other) => (one.modified ?? 0) - (other.modified ?? 0),
  size: (one, other) => (one.size ?? 0) - (other.size ?? 0),
}

/** Those that are equal come in the order of their paths, so that nothing depends on which was found first. */
function comparisonFor({ sort, descending }: EntryOrder): Comparison {
  const compare = comparisons[sort]
  return descending
    ? (one, other) => compare(other, one) || byPath(one, other)
    : (one, other) => compare(one, other) || byPath(one, other)
}

/** Sorting now and then what has come together costs less than keeping order all the time. */
export function createBestEntries(order: EntryOrder, most: number): BestEntries {
  const compare = comparisonFor(order)
  let kept: TreeEntry[] = []
  let count = 0
  const trim = (): TreeEntry[] => kept.sort(compare).slice(0, most)
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

/** The first so many of lists that are in that order each. */
export function mergeEntries(lists: readonly Iterable<TreeEntry>[], order: EntryOrder, most: number): TreeEntry[] {
  const compare = comparisonFor(order)
  const merged: TreeEntry[] = []
  const iterators = lists.map((list) => list[Symbol.iterator]())
  const heads = iterators.map((iterator) => iterator.next())
  while (merged.length < most) {
    let first = -1
    let best: TreeEntry | undefined
    for (const [place, head] of heads.entries()) {
      if (head.done || (best && compare(head.value, best) >= 0)) continue
      first = place
      best = head.value
    }
    const next = iterators[first]?.next()
    if (!best || !next) break
    merged.push(best)
    heads[first] = next
  }
  return merged
}
