import type { FolderRow } from '@filegate/driver-local'
import { isDirectoryType, type PathType, type Row } from './row.ts'
import type { KeyedRow } from './sort-rows.ts'

/**
 * Rows in the form that crosses from one thread to another at the least cost: strings, which are copied, and one array,
 * which is handed over. A structured clone of as many objects takes longer than reading the folder.
 */
export interface RowColumns {
  /** Joined by NUL, which no name holds, and so no key. */
  readonly names: string
  readonly keys: string
  /** Three for each row: the place of its type in `types`, its size or -1, its time. */
  readonly numbers: Float64Array<ArrayBuffer>
}

const types = ['File', 'Dir', 'SymlinkFile', 'SymlinkDir'] as const satisfies readonly PathType[]
const width = 3
const unknown = -1

/** A row of a listing from what the local driver saw. */
export function rowOfFolder({ name, isDirectory, isLink, size, modified }: FolderRow): Row {
  const type = types[(isDirectory ? 1 : 0) + (isLink ? 2 : 0)] ?? 'File'
  return { name, type, size: size ?? null, mtime: Math.trunc(modified) }
}

export function packRows(rows: readonly KeyedRow[]): RowColumns {
  const numbers = new Float64Array(rows.length * width)
  let at = 0
  for (const { type, size, mtime } of rows) {
    numbers[at++] = types.indexOf(type)
    numbers[at++] = size ?? unknown
    numbers[at++] = mtime ?? unknown
  }
  return { names: rows.map(({ name }) => name).join('\0'), keys: rows.map(({ key }) => key).join('\0'), numbers }
}

export function unpackRows({ names, keys, numbers }: RowColumns): KeyedRow[] {
  if (numbers.length === 0) return []
  const rowKeys = keys.split('\0')
  return names.split('\0').map((name, row) => {
    const at = row * width
    const type = types[numbers[at] ?? 0] ?? 'File'
    const size = numbers[at + 1] ?? unknown
    return {
      name,
      type,
      size: size === unknown ? null : size,
      mtime: numbers[at + 2] ?? null,
      key: rowKeys[row] ?? '',
      directory: isDirectoryType(type),
    }
  })
}
