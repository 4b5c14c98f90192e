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
interface Keyed {
  readonly row: Row
  readonly key: string
  readonly directory: boolean
}

type Comparison = (one: Keyed, other: Keyed) => number

const byName: Comparison = (one, other) => compareNatural(one.row.name, one.key, other.row.name, other.key)

/** What is not known stands before everything that is. */
const known = (value: number | null): number => value ?? Number.NEGATIVE_INFINITY

const difference = (one: number, other: number): number => (one < other ? -1 : one > other ? 1 : 0)

const byField: Readonly<Record<Sorting['field'], Comparison>> = {
  name: byName,
  mtime: (one, other) => difference(known(one.row.mtime), known(other.row.mtime)) || byName(one, other),
  size: (one, other) => difference(known(one.row.size), known(other.row.size)) || byName(one, other),
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

/** So many rows are sorted in one go, which takes a few milliseconds. */
const runLength = 1500

/** Puts rows in order as they come, so that little is left to do once the last are there. */
export interface RowSorter {
  add(rows: readonly Row[]): Promise<void>
  /** All that were added, in order. Call it once. */
  sorted(): Promise<readonly Row[]>
}

/** Sorts on the main thread without holding it for longer than a few milliseconds at a time. */
export function rowSorter(sorting: Sorting): RowSorter {
  const compare = comparison(sorting)
  const pause = timeSlices()
  // Sorted runs, each longer than the next: merging those of like length costs the fewest comparisons.
  const runs: Keyed[][] = []
  const mergeLast = async (): Promise<void> => {
    const later = runs.pop() ?? []
    const earlier = runs.pop() ?? []
    runs.push(await mergeRuns(earlier, later, compare, pause))
  }
  const lastAreAlike = (): boolean => (runs.at(-2)?.length ?? Infinity) <= (runs.at(-1)?.length ?? 0) * 2
  return {
    async add(rows) {
      for (let start = 0; start < rows.length; start += runLength) {
        const run = rows.slice(start, start + runLength).map(keyed)
        runs.push(run.sort(compare))
        await pause()
        while (lastAreAlike()) await mergeLast()
      }
    },
    async sorted() {
      while (runs.length > 1) await mergeLast()
      return (runs[0] ?? []).map(({ row }) => row)
    },
  }
}

function keyed(row: Row): Keyed {
  return { row, key: naturalKey(row.name), directory: isDirectoryType(row.type) }
}

async function mergeRuns(
  one: readonly Keyed[],
  other: readonly Keyed[],
  compare: Comparison,
  pause: () => Promise<void>,
): Promise<Keyed[]> {
  const merged: Keyed[] = []
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
