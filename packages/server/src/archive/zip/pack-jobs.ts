import type { LocalAccess, StoragePath } from '@filegate/core'
import type { ThreadPool } from '../thread-pool.ts'
import type { CentralRecords } from './central-directory.ts'

/** Files up to this size are read whole, so that CRC and sizes stand in front of the data. */
export const largestWholeFile = 1 << 20
/** Larger files are packed in pieces of this size, which threads work on side by side. */
export const pieceSize = 1 << 20
/** How far back deflate looks: what a piece needs to know of the one before it. */
export const deflateWindow = 32_768

/** 0 stores; the others are levels of deflate. */
export type Level = 0 | 1 | 6 | 9

export interface PackItem {
  readonly path: StoragePath
  /** Of the entry in the archive. */
  readonly name: string
  readonly kind: 'file' | 'directory'
  /** Unix milliseconds. For a local file the descriptor is asked again. */
  readonly modified: number | undefined
  readonly mode: number | undefined
}

/** What could not go into the archive. */
export interface Omission {
  readonly path: StoragePath
  readonly reason: string
}

/** The folder that the files of a job are in. */
export type PackFolder = Pick<LocalAccess, 'root' | 'followsSymlinks' | 'within'>

export interface FilesJob {
  readonly kind: 'files'
  readonly folder: PackFolder
  readonly items: readonly PackItem[]
  readonly level: Level
}

/** Entries as they go into the archive. */
export interface PackedFiles {
  readonly kind: 'files'
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly central: CentralRecords
  /** How many items were dealt with; a thread stops before its answer gets too long, and at a large file. */
  readonly done: number
  /** Whether the item it stopped at is too large to be read whole. */
  readonly large: boolean
  readonly omissions: readonly Omission[]
}

/** One file that was read elsewhere, whole. */
export interface BytesJob {
  readonly kind: 'bytes'
  readonly item: PackItem
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly level: Level
}

/** One piece of a large file; a thread reads it from the descriptor itself where there is one. */
export interface PieceJob {
  readonly kind: 'piece'
  readonly source:
    | { readonly descriptor: number; readonly start: number; readonly end: number }
    | { readonly bytes: Uint8Array<ArrayBuffer>; readonly before: Uint8Array | undefined }
  readonly last: boolean
  readonly level: Level
}

export interface PackedPiece {
  readonly kind: 'piece'
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Of the piece before packing. */
  readonly crc: number
  readonly size: number
}

export type PackJob = FilesJob | BytesJob | PieceJob
export type PackResult = PackedFiles | PackedPiece
export type PackPool = ThreadPool<PackJob, PackResult>

export async function packFiles(pool: PackPool, job: FilesJob | BytesJob, signal?: AbortSignal): Promise<PackedFiles> {
  const transfer = job.kind === 'bytes' ? [job.bytes.buffer] : []
  const packed = await pool.run(job, { transfer, signal })
  if (packed.kind === 'files') return packed
  throw new TypeError('A thread answered with a piece.')
}

export async function packPiece(pool: PackPool, job: PieceJob, signal?: AbortSignal): Promise<PackedPiece> {
  const transfer = 'bytes' in job.source ? [job.source.bytes.buffer] : []
  const packed = await pool.run(job, { transfer, signal })
  if (packed.kind === 'piece') return packed
  throw new TypeError('A thread answered with files.')
}
