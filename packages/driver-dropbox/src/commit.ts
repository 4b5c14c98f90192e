import { StorageError, type StoragePath } from '@filegate/core'
import { type FileMetadata } from './metadata.ts'
import { tagsOf } from './tags.ts'
import { type Commitment, failedCondition } from './write-mode.ts'

/** What becomes a file once the vendor is told so. */
export interface Commit extends Commitment {
  readonly path: StoragePath
  /** The path as the vendor writes it. */
  readonly place: string
  /** Unix milliseconds. */
  readonly modified?: number | undefined
}

/** A commit of bytes that the vendor has. */
export interface StoredCommit extends Commit {
  readonly session: string
  readonly size: number
  /** The digest of the whole content. */
  readonly hash: string
}

/** As the calls of the vendor take it. Times are whole seconds in UTC. */
export const commitInfo = ({ place, mode, strict_conflict, modified }: Commit) => ({
  path: place,
  mode,
  autorename: false,
  strict_conflict,
  ...(modified !== undefined && { client_modified: inSeconds(modified) }),
})

/** Years have four digits there. */
const latest = Date.UTC(10_000, 0) - 1

/** @throws StorageError `InvalidArgument` on a time that the vendor has no words for */
export function inSeconds(modified: number): string {
  if (!(modified >= -62_167_219_200_000 && modified <= latest)) {
    throw new StorageError('InvalidArgument', 'The modification time has to lie between the years 0 and 9999.')
  }
  return `${new Date(modified).toISOString().slice(0, 19)}Z`
}

/** A conflict of a commit with conditions is what they were for. */
export function explainConflict({ path, mode }: Commit, error: unknown): unknown {
  const isConflict = /conflict(?:\/file)?$/.test(tagsOf(error))
  return isConflict && mode['.tag'] !== 'overwrite' ? failedCondition(path, error) : error
}

/** @throws StorageError where other bytes arrived than were sent */
export function expectArrived(
  { path, size, hash }: Pick<StoredCommit, 'path' | 'size' | 'hash'>,
  written: FileMetadata,
): FileMetadata {
  if (written.size === size && (written.content_hash ?? hash) === hash) return written
  throw new StorageError(
    'Unexpected',
    `/${path} arrived damaged: Dropbox has other bytes than were sent. Send it again.`,
  )
}
