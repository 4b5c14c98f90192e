import type { PackedFiles, PackItem } from './pack-jobs.ts'
import type { PackedPiece, PieceJob } from './pack-piece.ts'
import type { BatchLimits } from './units.ts'

export type PieceSource = PieceJob['source']

/** A file that is packed piece by piece. Whoever holds it calls `close` exactly once, when no piece is being packed. */
export interface LargeFile {
  readonly item: PackItem
  /** Bytes, where that is known; the pieces then have exactly so many. */
  readonly size: number | undefined
  /** In order. @throws StorageError when the file turns out shorter than `size`. */
  pieces(): AsyncGenerator<{ readonly source: PieceSource; readonly last: boolean }, void, undefined>
  close(): Promise<void>
}

/** How files become entries: by threads that read a local disk themselves, or from streams. */
export interface Packer {
  readonly limits: BatchLimits
  /** How many bytes of small files may be under way. */
  readonly heaviest: number
  pack(items: readonly PackItem[]): Promise<PackedFiles>
  packPiece(job: PieceJob): Promise<PackedPiece>
  /** @throws StorageError when it cannot be read. */
  openLarge(item: PackItem, size: number | undefined): Promise<LargeFile>
}
