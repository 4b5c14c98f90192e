import { compareNatural, naturalKey } from './natural-order.ts'
import { isDirectoryType, type Row } from './row.ts'
import { timeSlices } from './time-slices.ts'

export const sortFields = ['name', 'mtime', 'size'] as const
export const sortOrders = ['asc', 'desc'] as const

export interface Sorting {
  readonly field: (typeof sortFields)[number]
  readonly order: (typeof sortOrders)[number]
}

/** A row with what it is compared by, worked out once. */
export interface KeyedRow extends Row {
  readonly key: string
  readonly directory: boolean
}

type Comparison = (one: KeyedRow, other: KeyedRow) => number

const byName: Comparison = (one, other) => compareNatural(one.name, one.key, other.name, other.key)

/** What is not known stands before everything that is. */
const known = (value: number | null): number => value ?? Number.NEGATIVE_INFINITY

const difference = (one: number, other: number): number => (one < other ? -1 : one > other ? 1 : 0)

const byField: Readonly<Record<Sorting['field'], Comparison>> = {
  name: byName,
  mtime: (one, other) => difference(known(one.mtime), known(other.mtime)) || byName(one, other),
  size: (one, other) => difference(known(one.size), known(other.size)) || byName(one, other),
}

/**
 * Directories stand first in either order; `desc` turns round each of the two groups. Equal values are ordered by name,
 * so that pages of one listing fit together.
 */
function comparison({ field, order }: Sorting): Comparison {
  const compare = byField[field]
  const direction = order === 'asc' ? 1 : -1
  return (one, other) => {
    if (one.directory !== other.directory) return one.directory ? -1 : 1
    return direction * compare(one, other)
  }
}

/** Sorts in one go, which takes a millisecond for every thousand rows or so. */
export function sortedRun(rows: readonly Row[], sorting: Sorting): KeyedRow[] {
  return rows.map(keyed).sort(comparison(sorting))
}

function keyed({ name, type, size, mtime }: Row): KeyedRow {
  return { name, type, size, mtime, key: naturalKey(name), directory: isDirectoryType(type) }
}

/** So many rows are sorted in one go on the main thread. */
const runLength = 1500

/** Puts rows in order as they come, so that little is left to do once the last are there. */
export interface RowSorter {
  add(rows: readonly Row[]): Promise<void>
  /** Takes rows that `sortedRun` has put in order already, by the same sorting. */
  addRun(run: readonly KeyedRow[]): Promise<void>
  /** All that were added, in order. Call it once. */
  sorted(): Promise<readonly Row[]>
}

/** Sorts on the main thread without holding it for longer than a few milliseconds at a time. */
export function rowSorter(sorting: Sorting): RowSorter {
  const compare = comparison(sorting)
  const pause = timeSlices()
  // Sorted runs, each longer than the next: merging those of like length costs the fewest comparisons.
  const runs: (readonly KeyedRow[])[] = []
  const mergeLast = async (): Promise<void> => {
    const later = runs.pop() ?? []
    const earlier = runs.pop() ?? []
    runs.push(await mergeRuns(earlier, later, compare, pause))
  }
  const lastAreAlike = (): boolean => (runs.at(-2)?.length ?? Infinity) <= (runs.at(-1)?.length ?? 0) * 2
  const addRun = async (run: readonly KeyedRow[]): Promise<void> => {
    runs.push(run)
    await pause()
    while (lastAreAlike()) await mergeLast()
  }
  return {
    addRun,
    async add(rows) {
      for (let start = 0; start < rows.length; start += runLength) {
        await addRun(sortedRun(rows.slice(start, start + runLength), sorting))
      }
    },
    async sorted() {
      while (runs.length > 1) await mergeLast()
      return runs[0] ?? []
    },
  }
}

async function mergeRuns(
  one: readonly KeyedRow[],
  other: readonly KeyedRow[],
  compare: Comparison,
  pause: () => Promise<void>,
): Promise<KeyedRow[]> {
  const merged: KeyedRow[] = []
  let left = one[0]
  let right = other[0]
  let leftAt = 0
  let rightAt = 0
  while (left && right) {
    if (compare(left, right) <= 0) {
      merged.push(left)
      left = one[++leftAt]
    } else {
      merged.push(right)
      right = other[++rightAt]
    }
    if (merged.length % runLength === 0) await pause()
  }
  for (const rest of [one.slice(leftAt), other.slice(rightAt)]) {
    for (const item of rest) merged.push(item)
  }
  return merged
}
