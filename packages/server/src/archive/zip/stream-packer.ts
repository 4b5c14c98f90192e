import { abortable, type StorageDriver, StorageError } from '@filegate/core'
import { releaseMemory } from '../../bodies/release-memory.ts'
import { largestWholeFile, type Level, packFiles, type PackedFiles, type PackItem, type PackPool } from './pack-jobs.ts'
import { deflateWindow, packPiece, pieceSize } from './pack-piece.ts'
import type { LargeFile, Packer, PieceSource } from './packer.ts'

/** One request after the other would take a round trip for each file, so each goes alone and some are read ahead. */
const limits = { items: 1, bytes: largestWholeFile }
const heaviest = 16 << 20

/** For storages that are read through streams. */
export function streamPacker(storage: StorageDriver, pool: PackPool, level: Level, signal: AbortSignal): Packer {
  const read = async (item: PackItem) => storage.read(item.path, { signal })
  return {
    limits,
    heaviest,
    async pack([item]) {
      if (!item) throw new TypeError('There is nothing to pack.')
      try {
        const bytes = item.kind === 'directory' ? new Uint8Array(0) : await small((await read(item)).body, signal)
        if (!bytes) return { ...nothing, large: true }
        return await packFiles(pool, { kind: 'bytes', item, bytes, level }, signal)
      } catch (error) {
        if (signal.aborted || !StorageError.is(error)) throw error
        return { ...nothing, done: 1, omissions: [{ path: item.path, reason: error.message }] }
      }
    },
    packPiece: (job) => packPiece(job, pool.deflating, signal),
    async openLarge(item, size) {
      const { body } = await read(item)
      return largeFile(abortable(body, signal), item, size)
    },
  }
}

const nothing: PackedFiles = {
  bytes: new Uint8Array(0),
  central: { bytes: new Uint8Array(0), count: 0 },
  done: 0,
  large: false,
  omissions: [],
}

/** The whole of a small file; undefined when it is none. */
async function small(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of abortable(body, signal)) {
    size += chunk.length
    if (size > largestWholeFile) return undefined
    chunks.push(chunk)
  }
  return joined(chunks, size)
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function largeFile(chunks: AsyncGenerator<Uint8Array>, item: PackItem, size: number | undefined): LargeFile {
  return {
    item,
    size,
    async *pieces() {
      let total = 0
      let waiting: PieceSource | undefined
      let before: Uint8Array | undefined
      for await (const bytes of regular(chunks)) {
        total += bytes.length
        if (size !== undefined && total > size) break
        if (waiting) yield { source: waiting, last: false }
        waiting = { bytes, before }
        before = bytes.slice(-deflateWindow)
      }
      if (size !== undefined && total !== size) throw changed(item)
      yield { source: waiting ?? { bytes: new Uint8Array(0), before }, last: true }
    },
    close: async () => void (await chunks.return(undefined)),
  }
}

/** The same bytes in pieces of one size, each in memory of its own. */
async function* regular(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let piece = new Uint8Array(pieceSize)
  let filled = 0
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + pieceSize - filled)
      piece.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < pieceSize) continue
      yield piece
      piece = new Uint8Array(pieceSize)
      filled = 0
    }
  }
  if (filled > 0) yield piece.slice(0, filled)
  releaseMemory(piece)
}

const changed = (item: PackItem): StorageError =>
  new StorageError('Conflict', `The file changed its size while it was packed: /${item.path}`, { path: item.path })
