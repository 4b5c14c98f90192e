import { isDirectoryType, type PathType, type Row } from './row.ts'

/**
 * Rows in the form that crosses from one thread to another, and waits for a slow reader, at the least cost: a few arrays,
 * which are handed over, and strings, which are copied in one go. As many objects take several times the memory, and
 * cloning them takes longer than reading the folder.
 */
export interface RowColumns {
  /** Names in blocks of `namesInBlock`, joined by NUL, which no name holds. */
  readonly names: readonly string[]
  /** `codeOfType` of each. */
  readonly types: Uint8Array<ArrayBuffer>
  /** NaN: not known. */
  readonly sizes: Float64Array<ArrayBuffer>
  readonly times: Float64Array<ArrayBuffer>
  /** Directories among them. */
  readonly directories: number
  /** Of all files together, as far as their sizes are known. */
  readonly bytes: number
}

/** Rows to pick from, as they were read. */
export interface RowTable {
  readonly names: readonly string[]
  /** 0: there is nothing under this name. */
  readonly types: ArrayLike<number>
  readonly sizes: ArrayLike<number>
  readonly times: ArrayLike<number>
}

export const namesInBlock = 256

export const pathTypes = ['File', 'Dir', 'SymlinkFile', 'SymlinkDir'] as const satisfies readonly PathType[]
const codes = { File: 1, Dir: 2, SymlinkFile: 3, SymlinkDir: 4 } as const satisfies Record<PathType, number>
export const codeOfType = (type: PathType): number => codes[type]
export const typeOfCode = (code: number | undefined): PathType => pathTypes[(code ?? 1) - 1] ?? 'File'

const numberOf = (value: number | null): number => value ?? Number.NaN
const valueOf = (number: number | undefined): number | null =>
  number === undefined || Number.isNaN(number) ? null : number

export function tableOfRows(rows: readonly Row[]): RowTable {
  return {
    names: rows.map(({ name }) => name),
    types: rows.map(({ type }) => codeOfType(type)),
    sizes: rows.map(({ size }) => numberOf(size)),
    times: rows.map(({ mtime }) => numberOf(mtime)),
  }
}

export function rowAt({ names, types, sizes, times }: RowTable, at: number): Row {
  return { name: names[at] ?? '', type: typeOfCode(types[at]), size: valueOf(sizes[at]), mtime: valueOf(times[at]) }
}

/** The rows at these positions, in the order of the positions. */
export function packRows({ names, types, sizes, times }: RowTable, positions: readonly number[]): RowColumns {
  const count = positions.length
  const packed = { types: new Uint8Array(count), sizes: new Float64Array(count), times: new Float64Array(count) }
  const blocks: string[] = []
  let block: string[] = []
  let directories = 0
  let bytes = 0
  for (let at = 0; at < count; at++) {
    const position = positions[at] ?? 0
    const [type = 1, size = Number.NaN] = [types[position], sizes[position]]
    packed.types[at] = type
    packed.sizes[at] = size
    packed.times[at] = times[position] ?? Number.NaN
    block.push(names[position] ?? '')
    if (isDirectoryType(typeOfCode(type))) directories += 1
    else if (size > 0) bytes += size
    if (block.length < namesInBlock && at < count - 1) continue
    blocks.push(block.join('\0'))
    block = []
  }
  return { names: blocks, ...packed, directories, bytes }
}

/** What of columns is handed over instead of copied. */
export const buffersOf = ({ types, sizes, times }: RowColumns): ArrayBuffer[] => [
  types.buffer,
  sizes.buffer,
  times.buffer,
]

/** Rows `start` to `end` as objects; as many as there are. */
export function rowsOf({ names, types, sizes, times }: RowColumns, start: number, end: number): Row[] {
  const rows: Row[] = []
  const last = Math.min(end, types.length)
  for (let at = start; at < last; ) {
    const first = at - (at % namesInBlock)
    const block = (names[first / namesInBlock] ?? '').split('\0')
    for (const stop = Math.min(last, first + namesInBlock); at < stop; at++) {
      const name = block[at - first] ?? ''
      rows.push({ name, type: typeOfCode(types[at]), size: valueOf(sizes[at]), mtime: valueOf(times[at]) })
    }
  }
  return rows
}

/** Takes pieces apart to pick from all of them. */
export function tableOfColumns(pieces: readonly RowColumns[]): RowTable {
  const count = pieces.reduce((sum, { types }) => sum + types.length, 0)
  const table = { types: new Uint8Array(count), sizes: new Float64Array(count), times: new Float64Array(count) }
  let at = 0
  for (const { types, sizes, times } of pieces) {
    table.types.set(types, at)
    table.sizes.set(sizes, at)
    table.times.set(times, at)
    at += types.length
  }
  return { names: pieces.flatMap(splitNames), ...table }
}

const splitNames = ({ names }: RowColumns): string[] => names.flatMap((block) => block.split('\0'))
