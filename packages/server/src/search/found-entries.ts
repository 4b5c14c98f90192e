import type { EntriesInFolder, SizesAndTimes } from '@filegate/driver-local'
import { FoundRows } from './found-rows.ts'
import type { GlobSort } from './glob-request.ts'
import { inNameOrder } from './name-order.ts'

export interface EntryOrder {
  readonly sort: GlobSort
  readonly descending: boolean
}

/** What a search answers with, in order. */
export interface Found {
  readonly rows: FoundRows
  readonly order: readonly number[]
}

/**
 * Keeps the first so many of any number of entries. They are held as rows: as objects they would cost the collector more time
 * than all else takes.
 */
export interface FoundEntries {
  /** What was seen of them, if they were looked at, begins at `offset`. */
  add(entries: EntriesInFolder, seen?: SizesAndTimes, offset?: number): void
  /** How many were added. */
  readonly count: number
  /** Those that are equal come in the order of their paths, so that nothing depends on which was found first. */
  inOrder(): Found
}

/** Rows beyond those that are asked for, before it is seen which of them are too many. */
const spare = 20_000

/** `isPresent`: what was looked at without anything being seen is gone, and left out. */
export function createFoundEntries(order: EntryOrder, most: number, isPresent = false): FoundEntries {
  const rows = new FoundRows()
  const isByName = order.sort === 'name'
  let count = 0
  /** What is behind it cannot be among the first. */
  let bound: number | undefined
  const isBehind = (key: number): boolean => bound !== undefined && (order.descending ? key < bound : key > bound)
  const keyOf = (size: number, time: number): number => (order.sort === 'size' ? size : time) || 0
  const keyAt = (row: number): number => keyOf(rows.size(row), rows.time(row))

  function prune(): void {
    if (isByName || rows.count <= most) return
    const keys = new Float64Array(rows.count)
    for (let row = 0; row < keys.length; row++) keys[row] = keyAt(row)
    keys.sort()
    bound = keys[order.descending ? keys.length - most : most - 1]
    rows.keep((row) => !isBehind(keyAt(row)))
  }

  function add(entries: EntriesInFolder, seen: SizesAndTimes | undefined, first: number): void {
    let position = first
    rows.startFolder(entries)
    for (const place of entries.places) {
      const size = seen?.sizes[position] ?? Number.NaN
      const time = seen?.times[position] ?? Number.NaN
      position++
      if (isPresent && Number.isNaN(time)) continue
      count++
      if (isByName || !isBehind(keyOf(size, time))) rows.add(place, size, time)
    }
    if (rows.count > 2 * most + spare) prune()
  }

  function byName(): number[] {
    return inNameOrder(rows, order.descending).take(most).toArray()
  }

  function byKey(): number[] {
    prune()
    const sign = order.descending ? -1 : 1
    // Sorting keeps the order of those that are equal.
    const sorted = inNameOrder(rows, false)
      .toArray()
      .sort((one, other) => sign * (keyAt(one) - keyAt(other)))
    return sorted.slice(0, most)
  }

  return {
    get count() {
      return count
    },
    add: (entries, seen, offset = 0) => add(entries, seen, offset),
    inOrder: () => ({ rows, order: isByName ? byName() : byKey() }),
  }
}
