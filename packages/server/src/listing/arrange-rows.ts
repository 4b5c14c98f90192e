import { compareNatural, naturalKey } from './natural-order.ts'
import { isDirectoryType, type Row } from './row.ts'
import { packRows, rowAt, type RowColumns, type RowTable, typeOfCode } from './row-columns.ts'

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
export function arrangeRows(table: RowTable, { sorting, part }: Order, byName = nameOrder(table.names)): ArrangedRows {
  const { directories, files } = groupsOf(table, sorting.order === 'asc' ? byName : byName.toReversed())
  const positions = inOrder(directories, table, sorting).concat(inOrder(files, table, sorting))
  if (!part) return { rows: packRows(table, positions), more: false }
  const start = part.after ? firstBehind(positions, table, part.after, sorting) : 0
  const end = start + part.limit
  return { rows: packRows(table, positions.slice(start, end)), more: end < positions.length }
}

/** The positions of names in order. It needs nothing but the names, so it can be found while the rest is being read. */
export function nameOrder(names: readonly string[]): number[] {
  const keys = names.map(naturalKey)
  const positions = [...names.keys()]
  return positions.sort((one, other) =>
    compareNatural(names[one] ?? '', keys[one] ?? '', names[other] ?? '', keys[other] ?? ''),
  )
}

function groupsOf({ types }: RowTable, positions: readonly number[]) {
  const directories: number[] = []
  const files: number[] = []
  for (const at of positions) {
    const type = types[at]
    if (type === 0) continue
    if (isDirectoryType(typeOfCode(type))) directories.push(at)
    else files.push(at)
  }
  return { directories, files }
}

/** The positions come in the order of names, and sorting is stable: those with equal values stay in it. */
function inOrder(positions: number[], { sizes, times }: RowTable, { field, order }: Sorting): number[] {
  if (field === 'name') return positions
  const values = field === 'size' ? sizes : times
  const direction = order === 'asc' ? 1 : -1
  return positions.sort((one, other) => direction * (known(values[one]) - known(values[other])))
}

/** What is not known stands before everything that is. */
const known = (value: number | null | undefined): number =>
  value === null || value === undefined || Number.isNaN(value) ? -Number.MAX_VALUE : value

function firstBehind(positions: readonly number[], table: RowTable, after: Row, sorting: Sorting): number {
  let [low, high] = [0, positions.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareRows(rowAt(table, positions[middle] ?? 0), after, sorting) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

/** The same order, of two rows. */
function compareRows(one: Row, other: Row, { field, order }: Sorting): number {
  const directory = isDirectoryType(one.type)
  if (directory !== isDirectoryType(other.type)) return directory ? -1 : 1
  const difference = field === 'name' ? 0 : known(one[field]) - known(other[field])
  const byName = compareNatural(one.name, naturalKey(one.name), other.name, naturalKey(other.name))
  return (order === 'asc' ? 1 : -1) * (difference || byName)
}
