import { folderReader, type FolderRow, type FolderTask } from '@filegate/driver-local/folder'
import type { PathType } from './row.ts'
import { codeOfType } from './row-columns.ts'

/**
 * A folder that several threads read together. Each takes the next block of names that nobody has taken, and writes what
 * it sees into memory that all of them share; so a thread that comes late, or not at all, costs nothing but its help.
 */
export interface SharedFolder {
  readonly task: FolderTask
  /** Joined by NUL. */
  readonly names: string
  /** The state of each block. */
  readonly blocks: Int32Array<SharedArrayBuffer>
  /** `codeOfType`, or 0 where nothing is to be seen under the name. */
  readonly types: Uint8Array<SharedArrayBuffer>
  /** NaN: not known. */
  readonly sizes: Float64Array<SharedArrayBuffer>
  readonly times: Float64Array<SharedArrayBuffer>
}

const blockSize = 512
const free = 0
const taken = 1
const done = 2
/** Milliseconds that reading a block may take another thread before it is read again: the thread may be gone. */
const patience = 250

export function shareFolder(task: FolderTask, names: readonly string[]): SharedFolder {
  const count = names.length
  return {
    task,
    names: names.join('\0'),
    blocks: new Int32Array(new SharedArrayBuffer(Math.ceil(count / blockSize) * Int32Array.BYTES_PER_ELEMENT)),
    types: new Uint8Array(new SharedArrayBuffer(count)),
    sizes: new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT)),
    times: new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT)),
  }
}

/** Reads blocks until none is left that nobody has taken. */
export function helpRead(folder: SharedFolder, names: readonly string[] = folder.names.split('\0')): void {
  const read = blockReader(folder, names)
  for (let block = 0; block < folder.blocks.length; block++) {
    if (Atomics.compareExchange(folder.blocks, block, free, taken) === free) read(block)
  }
}

/** Reads what is left, and waits until the others have read what they took. */
export function finishReading(folder: SharedFolder, names: readonly string[]): void {
  helpRead(folder, names)
  const read = blockReader(folder, names)
  for (let block = 0; block < folder.blocks.length; block++) {
    if (Atomics.wait(folder.blocks, block, taken, patience) === 'timed-out') read(block)
  }
}

function blockReader({ task, blocks, types, sizes, times }: SharedFolder, names: readonly string[]) {
  const read = folderReader(task)
  const see = (position: number, row: FolderRow): void => {
    sizes[position] = row.size ?? Number.NaN
    times[position] = Math.trunc(row.modified)
    types[position] = codeOfType(typeOf(row))
  }
  return (block: number): void => {
    const start = block * blockSize
    read(names, start, Math.min(names.length, start + blockSize), see)
    Atomics.store(blocks, block, done)
    Atomics.notify(blocks, block)
  }
}

const typeOf = ({ isDirectory, isLink }: FolderRow): PathType =>
  isDirectory ? (isLink ? 'SymlinkDir' : 'Dir') : isLink ? 'SymlinkFile' : 'File'
