import { type Entry, type LocalAccess, siblingModule, type StoragePath } from '@filegate/core'
import { type PinnedFolder, pinFolder } from '@filegate/driver-local'
import { MessageChannel } from 'node:worker_threads'
import { releaseMemory } from '../bodies/release-memory.ts'
import { createThreadPool, type ThreadPool } from '../archive/thread-pool.ts'
import { type ArrangedRows, arrangeRows, type Order } from './arrange-rows.ts'
import type { FolderJob } from './folder-worker.ts'
import { isDirectoryType, type Row } from './row.ts'
import {
  buffersOf,
  namesInBlock,
  packRows,
  type RowColumns,
  tableOfColumns,
  tableOfRows,
  typeOfCode,
} from './row-columns.ts'
import { timeSlices } from './time-slices.ts'

/** Reads and sorts what is too much to be read or sorted between other requests. */
export interface LargeFolders {
  /** Undefined when the folder is small: reading it right here is then faster than asking threads to. */
  read(local: LocalAccess, request: FolderRequest): Promise<ArrangedRows> | undefined
  arrange(pieces: readonly RowColumns[], order: Order, signal: AbortSignal): Promise<ArrangedRows>
  /** More than a little is going to be arranged: a thread that has to be started for that is there by then. */
  prepare(order: Order): void
  close(): Promise<void>
}

export interface FolderRequest {
  readonly path: StoragePath
  readonly order: Order
  /** For a caller who may not see everything. */
  readonly veil?: Veil | undefined
  readonly signal: AbortSignal
}

/** What a caller may see, which only the main thread can tell. */
export interface Veil {
  shows(name: string, kind: Entry['kind']): boolean
  /** How many entries the caller may see in a directory; undefined where that is not known. */
  children(name: string): Promise<number | undefined>
}

/** The local driver reads folders up to this size in slices on the main thread. */
const small = 2000
/** Megabytes. A young generation that fits into the cache of a processor makes a sixth less work than a large one. */
const heap = { maxYoungGenerationSizeMb: 6, maxOldGenerationSizeMb: 512 }
/** Counting stops here: more would take long, and nobody compares such numbers. */
const mostChildren = 1_000_000

type Pool = ThreadPool<FolderJob, ArrangedRows>

export function createLargeFolders(): LargeFolders {
  const pool: Pool = createThreadPool(siblingModule(import.meta.url, './folder-worker'), heap)
  const arrange: LargeFolders['arrange'] = async (pieces, order, signal) => {
    if (pieces.reduce((sum, { types }) => sum + types.length, 0) <= small)
      return arrangeRows(tableOfColumns(pieces), order)
    return pool.run({ kind: 'arrange', pieces, order }, { transfer: pieces.flatMap(buffersOf), signal })
  }

  /** The threads know no rights: they read, the main thread takes out what the caller may not see, and they sort. */
  async function readVeiled(folder: PinnedFolder, { order, signal }: FolderRequest, veil: Veil): Promise<ArrangedRows> {
    const { rows } = await readFolder(pool, folder, signal)
    const pieces: RowColumns[] = []
    for await (const shown of shownRows(rows, veil)) pieces.push(shown)
    for (const buffer of buffersOf(rows)) releaseMemory(new Uint8Array(buffer))
    return arrange(pieces, order, signal)
  }

  return {
    read(local, request) {
      const { path, order, veil, signal } = request
      const folder = pinFolder(local, path, veil ? 0 : mostChildren)
      if (!isSmall(folder)) return veil ? readVeiled(folder, request, veil) : readFolder(pool, folder, signal, order)
      folder.close()
      return undefined
    },
    arrange,
    prepare(order) {
      // How it ends is of no interest: whoever needs the thread finds out.
      pool.run({ kind: 'arrange', pieces: [], order }).catch(() => undefined)
    },
    close: () => pool.close(),
  }
}

/** In the order they are in. */
export const packAll = (rows: readonly Row[]): RowColumns => packRows(tableOfRows(rows), [...rows.keys()])

function isSmall(folder: PinnedFolder): boolean {
  try {
    return folder.isSmall(small)
  } catch (error) {
    folder.close()
    throw error
  }
}

/** One thread leads, the others help if they have nothing else to do. */
async function readFolder(
  pool: Pool,
  { task, close }: PinnedFolder,
  signal: AbortSignal,
  order?: Order,
): Promise<ArrangedRows> {
  const channels = Array.from({ length: pool.size - 1 }, () => new MessageChannel())
  const helpers = channels.map(({ port1 }) => port1)
  const reading = pool.run({ kind: 'read', folder: task, helpers, order }, { transfer: helpers, signal })
  const helping = channels.map(({ port2 }) => pool.run({ kind: 'help', port: port2 }, { transfer: [port2] }))
  // The descriptor must outlive whoever reads through it: its number would soon mean another file.
  void Promise.allSettled([reading, ...helping]).then(close)
  try {
    return await reading
  } catch (error) {
    // Dropped before it began: nobody else closes what the helpers wait for.
    for (const port of helpers) port.close()
    throw error
  }
}

/** Blocks of names between two looks at the clock. */
const blocksInPiece = 4

/** Without making an object of each row: of those there would be as many as in the folder, and the heap keeps what it grew by. */
async function* shownRows({ names, types, sizes, times }: RowColumns, veil: Veil): AsyncGenerator<RowColumns> {
  const pause = timeSlices()
  for (let block = 0; block < names.length; block += blocksInPiece) {
    const [start, end] = [block * namesInBlock, (block + blocksInPiece) * namesInBlock]
    const piece = {
      names: names.slice(block, block + blocksInPiece).flatMap((joined) => joined.split('\0')),
      types: types.subarray(start, end),
      sizes: sizes.subarray(start, end),
      times: times.subarray(start, end),
    }
    const shown: number[] = []
    for (const [at, name] of piece.names.entries()) {
      const directory = isDirectoryType(typeOfCode(piece.types[at]))
      if (!veil.shows(name, directory ? 'directory' : 'file')) continue
      shown.push(at)
      if (directory) piece.sizes[at] = (await veil.children(name)) ?? Number.NaN
    }
    yield packRows(piece, shown)
    await pause()
  }
}
