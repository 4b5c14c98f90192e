import type { StoragePath } from './path.ts'

/** `quickxor` is Microsoft's (20 bytes), `dropbox` is Dropbox's content hash (32 bytes), `crc32` the one of zip files. */
export const hashAlgorithms = ['sha256', 'sha1', 'md5', 'crc32c', 'crc32', 'quickxor', 'dropbox'] as const
export type HashAlgorithm = (typeof hashAlgorithms)[number]

/** What a file system of the Unix kind knows of an entry besides the rest. */
export interface PosixAttributes {
  /** Permission bits, the low twelve of `st_mode`. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly inode: bigint | number
  readonly device: bigint | number
}

interface EntryBase {
  readonly path: StoragePath
  /** The last segment of `path`. */
  readonly name: string
  /** Last modification, Unix time in milliseconds, fractions allowed; absent where the vendor does not say. */
  readonly modified?: number | undefined
  /** Present when the entry is a symbolic link: the text of the link. The rest of the entry describes what it leads to. */
  readonly symlinkTarget?: string | undefined
  readonly posix?: PosixAttributes | undefined
  /** Who owns it, as the vendor calls them, where that came at no cost. */
  readonly owner?: string | undefined
  /**
   * What else the vendor knows of it, as far as the options of the connection ask for that; JSON where it has parts. Told by
   * `stat` only, for it takes calls of its own.
   */
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

export interface FileEntry extends EntryBase {
  readonly kind: 'file'
  /** Bytes; absent where the vendor does not say before the download (a Google document, say). */
  readonly size?: number | undefined
  /** Changes whenever the bytes do. Quoted as in HTTP; weak ones start with `W/`. */
  readonly etag?: string | undefined
  readonly contentType?: string | undefined
  /** Lower-case hexadecimal digests that came with the entry at no cost. */
  readonly hashes?: Readonly<Partial<Record<HashAlgorithm, string>>> | undefined
  readonly version?: string | undefined
}

export interface DirectoryEntry extends EntryBase {
  readonly kind: 'directory'
  /** How many entries it holds, where that came at no cost. */
  readonly children?: number | undefined
}

export type Entry = FileEntry | DirectoryEntry

export interface Operation {
  readonly signal?: AbortSignal | undefined
  /** Asks the vendor even where an answer is remembered. */
  readonly fresh?: boolean | undefined
}

export interface ListOptions extends Operation {
  /** From the page before. */
  readonly cursor?: string | undefined
  /** At most this many entries; a driver may return fewer. */
  readonly limit?: number | undefined
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Present when there is more. */
  readonly cursor?: string | undefined
}

/** Zero-based offsets, `end` exclusive; a `suffix` is the last so many bytes. An `end` past the last byte is clamped. */
export type ByteRange = { readonly start: number; readonly end?: number | undefined } | { readonly suffix: number }

/** As in RFC 9110, section 13. Etags are quoted. Times are Unix milliseconds. */
export interface Conditions {
  readonly ifMatch?: readonly string[] | undefined
  readonly ifNoneMatch?: readonly string[] | undefined
  readonly ifModifiedSince?: number | undefined
  readonly ifUnmodifiedSince?: number | undefined
}

export interface ReadOptions extends Operation {
  readonly range?: ByteRange | undefined
  readonly conditions?: Conditions | undefined
  /** A version identifier that the driver gave out. */
  readonly version?: string | undefined
}

export interface ReadResult {
  readonly entry: FileEntry
  /** The bytes that `body` really holds, when a range was asked for. */
  readonly range?: { readonly start: number; readonly end: number } | undefined
  readonly body: ReadableStream<Uint8Array>
}

export interface HashOptions extends Operation {
  readonly algorithm: HashAlgorithm
}

export interface WriteOptions extends Operation {
  readonly body: ReadableStream<Uint8Array>
  /** Bytes, when known beforehand. */
  readonly size?: number | undefined
  readonly modified?: number | undefined
  readonly contentType?: string | undefined
  /** Lower-case hexadecimal digests of the body that the caller knows beforehand; a driver may check and keep them. */
  readonly hashes?: FileEntry['hashes']
  readonly conditions?: Conditions | undefined
  /** A driver that still sends when the body has ended says with it that it goes on, or the write is taken for one that hangs. */
  readonly progressed?: (() => void) | undefined
}

export interface CopyOptions extends Operation {
  readonly destination: StoragePath
  /** Replaces what is there; otherwise an existing destination rejects with AlreadyExists. */
  readonly overwrite?: boolean | undefined
}

/** What a service calls a file of its own, for another connection to the same service. */
export interface ServiceHandle {
  /** Which service, as far as it copies by itself: handles of others are of no use to a connection. */
  readonly service: string
  readonly reference: string
}

export interface CopyFromOptions extends Operation {
  readonly handle: ServiceHandle
}

export interface ModifiedOptions extends Operation {
  readonly modified: number
}

export interface LinkOptions extends Operation {
  /** Seconds. */
  readonly expiresIn?: number | undefined
}

/** Bytes; absent where unknown or unlimited. */
export interface Usage {
  readonly total?: number | undefined
  readonly used?: number | undefined
  readonly free?: number | undefined
}

/** What a feed of changes says. */
export interface ChangesSince {
  /** Where the next question goes on. */
  readonly cursor: string
  /**
   * What is not, or may not be, as it was: made, changed, removed; of something moved both places. A directory stands for all
   * below it. `all`: more than can be told, or since a cursor that the vendor no longer knows.
   */
  readonly paths: readonly StoragePath[] | 'all'
}

/** What a method cannot say of a backend. */
export interface Traits {
  /** `native`: a range costs a ranged request. `discarded`: the driver reads from the start and throws away. */
  readonly ranges: 'native' | 'discarded'
  /** `implied`: a directory exists only as the prefix of some key. */
  readonly directories: 'real' | 'implied'
  readonly caseSensitive: boolean
  /** What `Entry.hashes` or `hash` can give without reading the file. */
  readonly hashes: readonly HashAlgorithm[]
  /** Milliseconds between two modification times that the backend can tell apart; absent where it keeps none. */
  readonly modifiedPrecision?: number | undefined
  /** Which conditions of a read the backend itself evaluates. */
  readonly conditions: readonly (keyof Conditions)[]
}

/**
 * What every backend can do (`stat`, `list`, `read`) and what some can besides. An optional method that is present is
 * the capability. Rules, each of which is a test of the conformance suite:
 * - a missing path rejects with `NotFound`, on every method;
 * - `list` of a file rejects with `NotADirectory`; `read` of a directory rejects with `IsADirectory`;
 * - `list` yields each child once, in no particular order, and never the directory itself;
 * - `read` streams: it never holds the whole file, and passes the range on to the vendor where that can be done;
 * - a range that starts past the last byte rejects with `RangeNotSatisfiable`, as does any range on an empty file;
 * - cancelling a body, or aborting `signal`, ends the work behind it, and what waits rejects with `Aborted`, or with the
 *   signal's reason where that is a StorageError;
 * - `write` is atomic: the old content stays whole until the new content is complete. Missing parents are made;
 * - `remove` takes a file or a directory with all it holds;
 * - `makeDirectory` makes missing parents and changes nothing where there is a directory; a file there rejects with
 *   `AlreadyExists`;
 * - `copy` and `move` take a file or a directory with all it holds and make missing parents. A destination that lies in
 *   the source, or holds it, rejects with `InvalidArgument`.
 */
export interface StorageDriver {
  readonly provider: string
  readonly traits: Traits
  stat(path: StoragePath, options?: Operation): Promise<Entry>
  list(path: StoragePath, options?: ListOptions): Promise<Page<Entry>>
  read(path: StoragePath, options?: ReadOptions): Promise<ReadResult>
  /** Everything below a directory, at any depth, where the vendor can say that in fewer calls than `list` needs. */
  walk?(path: StoragePath, options?: ListOptions): Promise<Page<Entry>>
  /** Lower-case hexadecimal. */
  hash?(path: StoragePath, options: HashOptions): Promise<string>
  /** The kept versions of a file, newest first; each has a `version`. */
  revisions?(path: StoragePath, options?: ListOptions): Promise<Page<FileEntry>>
  write?(path: StoragePath, options: WriteOptions): Promise<FileEntry>
  remove?(path: StoragePath, options?: Operation): Promise<void>
  makeDirectory?(path: StoragePath, options?: Operation): Promise<DirectoryEntry>
  copy?(path: StoragePath, options: CopyOptions): Promise<Entry>
  move?(path: StoragePath, options: CopyOptions): Promise<Entry>
  /** Of a file, where the service may copy it to other connections. Rejects with `Unsupported` for a file that it cannot copy. */
  handle?(path: StoragePath, options?: Operation): Promise<ServiceHandle>
  /**
   * Has the service copy the file of a handle, which another connection gave, to where nothing is. Rejects with `Unsupported`
   * for a handle of another service, and with `NotFound` or `AccessDenied` where this login does not reach the file.
   */
  copyFrom?(path: StoragePath, options: CopyFromOptions): Promise<Entry>
  setModified?(path: StoragePath, options: ModifiedOptions): Promise<Entry>
  about?(path: StoragePath, options?: Operation): Promise<Usage>
  /**
   * Everything that changed since a cursor, whoever changed it, in one cheap call or few; without a cursor, where changes from
   * now on begin, and no paths. It does not wait for changes. What is remembered of the storage lives on its word.
   */
  changes?(cursor: string | undefined, options?: Operation): Promise<ChangesSince>
  /** A URL under which anybody can read the file. */
  publicLink?(path: StoragePath, options?: LinkOptions): Promise<string>
  close?(): Promise<void>
}
