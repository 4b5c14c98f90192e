import { StorageError } from '@filegate/core'

export const formats = ['zip', 'tar', 'tar.gz', 'tar.bz2', 'tar.xz', 'tar.zst', '7z'] as const
export type ArchiveFormat = (typeof formats)[number]
export type EntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'other'

/** One entry as the archive describes it: nothing in it is to be trusted. */
export interface ArchiveEntry {
  /** Exactly as it stands in the archive, `..` and all: it is shown and compared, never used as a path. */
  readonly path: string
  readonly type: EntryType
  /** Bytes, unpacked. */
  readonly size: number
  /** `null` where entries are not packed one by one. */
  readonly compressedSize: number | null
  /** Unix seconds. */
  readonly modified: number | null
  /** Permission bits. */
  readonly mode: number | null
  readonly linkTarget: string | null
  readonly encrypted: boolean
}

/** One entry, unpacked. */
export interface ArchiveContent {
  readonly entry: ArchiveEntry
  /** Throws, rather than ending, when the bytes are not those that the archive promised. */
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>
}

export interface Archive {
  readonly format: ArchiveFormat
  /**
   * Bytes of all entries together as they are packed, where that is known only for all; null where they are not packed, and
   * undefined where each entry tells.
   */
  readonly packedSize: number | null | undefined
  /** Calls `found` with each entry, which holds only until the next one; when it rejects, none of them means anything. */
  list(found: (entry: ArchiveEntry) => void): Promise<void>
  /** The first entry of exactly that path. @throws StorageError `NotFound` */
  open(path: string): Promise<ArchiveContent>
}

/** What reading an archive may cost at most. Beyond it the answer is `TooLarge`. */
export const bounds = {
  /** Bytes of the directory of a zip archive, which is held in memory. */
  directory: 64 << 20,
  /**
   * Bytes unpacked while looking for entries, and how many times the packed ones they may be beyond that; what is sent to a
   * client does not count. They cost time, which has a bound of its own, and no memory: this only ends bombs earlier.
   */
  unpacked: 4 * 1024 ** 3,
  unpackedRatio: 200,
  /** Milliseconds of looking for entries. */
  searching: 30_000,
} as const

export const broken = (why: string, cause?: unknown): StorageError =>
  new StorageError('InvalidArgument', `The archive is damaged: ${why}.`, { cause })

export const tooLarge = (why: string): StorageError =>
  new StorageError('TooLarge', `The archive is too large to be read here: ${why}.`)

export const encrypted = (what: string): StorageError =>
  new StorageError('AccessDenied', `${what} is encrypted, and passwords are not taken here.`)

export const unsupported = (what: string): StorageError =>
  new StorageError('InvalidArgument', `${what} cannot be unpacked here. Download the archive instead.`)

export const noSuchEntry = (path: string): StorageError =>
  new StorageError('NotFound', `The archive has no entry ${JSON.stringify(path)}.`)

/** @throws StorageError when the entry has no bytes that could be sent. */
export function checkReadable(entry: ArchiveEntry): void {
  const named = `The entry ${JSON.stringify(entry.path)}`
  if (entry.encrypted) throw encrypted(named)
  if (entry.type === 'file') return
  throw new StorageError('InvalidArgument', `${named} is not a file, but of type ${entry.type}.`)
}
