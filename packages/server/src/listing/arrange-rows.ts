import { compareNatural, naturalKey } from './natural-order.ts'
import { isDirectoryType, type Row } from './row.ts'
import { packRows, type RowColumns, type RowTable, typeOfCode } from './row-columns.ts'

export const sortFields = ['name', 'mtime', 'size'] as const
export const sortOrders = ['asc', 'desc'] as const

export interface Sorting {
  readonly field: (typeof sortFields)[number]
  readonly order: (typeof sortOrders)[number]
}

/** A part of a listing that somebody asks for: so many rows behind the one that the part before ended with. */
export interface PartRequest {
  readonly limit: number
  /** It need not be there any more: the part begins where it would stand. */
  readonly after?: Row | undefined
}

export interface Order {
  readonly sorting: Sorting
  /** Absent: all rows. */
  readonly part?: PartRequest | undefined
}

export interface ArrangedRows {
  readonly rows: RowColumns
  /** Whether there are rows behind the part that was asked for. */
  readonly more: boolean
}

/**
 * Puts rows in order: directories first in either order, and `desc` turns round each of the two groups. Equal values are
 * ordered by name, so that parts of one listing fit together. It takes a millisecond for every thousand rows or so.
 */
export function arrangeRows(table: RowTable, { sorting, part }: Order): ArrangedRows {
  const { positions, compare } = inOrder(table, sorting, part?.after)
  if (!part) return { rows: packRows(table, positions), more: false }
  // The row that was last stands behind all others of the table.
  const start = part.after ? firstBehind(positions, table.names.length, compare) : 0
  const end = start + part.limit
  return { rows: packRows(table, positions.slice(start, end)), more: end < positions.length }
}

type Comparison = (one: number, other: number) => number

/** Positions are compared by what stands there: moving numbers about is cheaper than moving rows. */
function inOrder(table: RowTable, sorting: Sorting, after: Row | undefined) {
  const names = after ? [...table.names, after.name] : table.names
  const keys = names.map(naturalKey)
  const directory = names.map((_, at) =>
    isDirectoryType(at < table.names.length ? typeOfCode(table.types[at]) : (after?.type ?? 'File')),
  )
  const byName: Comparison = (one, other) =>
    compareNatural(names[one] ?? '', keys[one] ?? '', names[other] ?? '', keys[other] ?? '')
  const byValue = (values: ArrayLike<number>, last: number | null | undefined): Comparison => {
    const valueAt = (at: number): number => known(at < values.length ? values[at] : last)
    return (one, other) => valueAt(one) - valueAt(other) || byName(one, other)
  }
  const byField: Readonly<Record<Sorting['field'], () => Comparison>> = {
    name: () => byName,
    mtime: () => byValue(table.times, after?.mtime),
    size: () => byValue(table.sizes, after?.size),
  }
  const compareWithin = byField[sorting.field]()
  const direction = sorting.order === 'asc' ? 1 : -1
  const compare: Comparison = (one, other) => {
    if (directory[one] !== directory[other]) return directory[one] ? -1 : 1
    return direction * compareWithin(one, other)
  }
  const positions: number[] = []
  for (let at = 0; at < table.names.length; at++) if (table.types[at] !== 0) positions.push(at)
  return { positions: positions.sort(compare), compare }
}

/** What is not known stands before everything that is. */
const known = (value: number | null | undefined): number =>
  value === null || value === undefined || Number.isNaN(value) ? -Number.MAX_VALUE : value

function firstBehind(positions: readonly number[], after: number, compare: Comparison): number {
  let [low, high] = [0, positions.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(positions[middle] ?? 0, after) <= 0) low = middle + 1
    else high = middle
  }
  return low
}
