import { joinPath, type StoragePath } from '@filegate/core'
import type { GlobSort } from './glob-request.ts'

export interface EntryOrder {
  readonly sort: GlobSort
  readonly descending: boolean
}

/** Something that matches. */
export interface FoundEntry {
  readonly folder: StoragePath
  readonly name: string
  readonly isDirectory: boolean
  /** Undefined where it is not known yet, or there is none. */
  size?: number | undefined
  /** Unix time in milliseconds. */
  modified?: number | undefined
  /** Made when it is asked for. */
  path?: StoragePath | undefined
}

/** Keeps the first so many of any number of entries. */
export interface FoundEntries {
  add(entry: FoundEntry): void
  /** How many were added. */
  readonly count: number
  inOrder(): readonly FoundEntry[]
}

type Comparison = (one: FoundEntry, other: FoundEntry) => number

export const pathOf = (entry: FoundEntry): StoragePath => (entry.path ??= joinPath(entry.folder, entry.name))

const compareTexts = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const byPath: Comparison = (one, other) =>
  one.folder === other.folder ? compareTexts(one.name, other.name) : compareTexts(pathOf(one), pathOf(other))

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
export function createFoundEntries(order: EntryOrder, most: number): FoundEntries {
  const compare = comparisonFor(order)
  let kept: FoundEntry[] = []
  /** What comes behind it cannot be among the first. */
  let last: FoundEntry | undefined
  let count = 0
  const trim = (): FoundEntry[] => {
    kept = kept.sort(compare).slice(0, most)
    return kept
  }
  return {
    get count() {
      return count
    },
    add(entry) {
      count++
      if (last && compare(entry, last) > 0) return
      kept.push(entry)
      if (kept.length >= 2 * most + 1000) last = trim().at(-1)
    },
    inOrder: trim,
  }
}
