import { read } from 'node:fs'
import { constants, crc32, createDeflateRaw } from 'node:zlib'
import { StorageError } from '@filegate/core'
import { releaseMemory } from '../../bodies/release-memory.ts'
import type { Limit } from '../../digests/limit.ts'
import type { Level } from './pack-jobs.ts'

/** How far back deflate looks: what a piece needs to know of the one before it. */
export const deflateWindow = 32_768
/** Large files are packed in pieces of this size, several side by side. */
export const pieceSize = 1 << 19

/** A part of an open file. Whoever asks holds it open until the answer. */
export interface Span {
  readonly descriptor: number
  readonly start: number
  readonly end: number
}

/** Bytes that were read elsewhere, with the last ones before them. They belong to the job. */
export interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly before: Uint8Array | undefined
}

/** One piece of a large file. */
export interface PieceJob {
  readonly source: Span | Piece
  readonly last: boolean
  readonly level: Level
}

export interface PackedPiece {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Of the piece before packing. */
  readonly crc: number
  readonly size: number
}

/**
 * Node's own threads read and deflate a piece: one of ours would take 10 MB of memory or more, and be no faster.
 * @throws StorageError `Conflict` when the file has become shorter.
 */
export async function packPiece(job: PieceJob, deflating: Limit, signal: AbortSignal): Promise<PackedPiece> {
  const { source, level } = job
  const { bytes, before } = 'bytes' in source ? source : await readPiece(source, level)
  const facts = { crc: crc32(bytes), size: bytes.length }
  if (level === 0) return { bytes, ...facts }
  try {
    return { bytes: await deflating(() => deflated(bytes, before, job), signal), ...facts }
  } finally {
    releaseMemory(bytes)
  }
}

async function readPiece({ descriptor, start, end }: Span, level: Level): Promise<Piece> {
  const context = level === 0 ? 0 : Math.min(deflateWindow, start)
  const memory = new Uint8Array(context + end - start)
  await readFully(descriptor, memory, start - context)
  return { before: memory.subarray(0, context), bytes: memory.subarray(context) }
}

async function readFully(descriptor: number, target: Uint8Array, position: number): Promise<void> {
  for (let filled = 0; filled < target.length; ) {
    const count = await readSome(descriptor, target.subarray(filled), position + filled)
    if (count === 0) throw new StorageError('Conflict', 'A file became shorter while it was packed.')
    filled += count
  }
}

const readSome = (descriptor: number, target: Uint8Array, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    read(descriptor, target, 0, target.length, position, (error, count) => (error ? reject(error) : resolve(count)))
  })

function deflated(
  bytes: Uint8Array,
  before: Uint8Array | undefined,
  { last, level }: PieceJob,
): Promise<Uint8Array<ArrayBuffer>> {
  const options = {
    level,
    // A piece that does not end the file ends on a byte border, so that the next one, packed beside it, can follow it.
    finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    // So that it all comes in one go, and mostly in one chunk.
    chunkSize: bytes.length + (bytes.length >> 8) + 1024,
    ...(before?.length ? { dictionary: before } : {}),
  }
  const engine = createDeflateRaw(options)
  const chunks: Buffer[] = []
  return new Promise((resolve, reject) => {
    engine.on('data', (chunk: Buffer) => chunks.push(chunk))
    engine.once('end', () => resolve(joined(chunks)))
    engine.once('error', reject)
    engine.end(bytes)
  })
}

/** In memory of the right size: what it was deflated into is mostly empty, and would be taken until all is sent. */
function joined(chunks: readonly Buffer[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((size, { length }) => size + length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  for (const chunk of chunks) releaseMemory(chunk)
  return bytes
}
