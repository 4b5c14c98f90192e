import type { LocalAccess, StoragePath } from '@filegate/core'
import type { Limit } from '../../digests/limit.ts'
import type { ThreadPool } from '../thread-pool.ts'
import type { CentralRecords } from './central-directory.ts'

/** Files up to this size are read whole, so that CRC and sizes stand in front of the data. */
export const largestWholeFile = 1 << 19

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

export type PackJob = FilesJob | BytesJob

/** What packs for all archives that are under way. */
export interface PackPool extends ThreadPool<PackJob, PackedFiles> {
  /** For deflating in the threads of Node, which have other work as well. */
  readonly deflating: Limit
}

export function packFiles(pool: PackPool, job: FilesJob | BytesJob, signal?: AbortSignal): Promise<PackedFiles> {
  return pool.run(job, { transfer: job.kind === 'bytes' ? [job.bytes.buffer] : [], signal })
}
