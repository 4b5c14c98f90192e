import type { DirectoryEntry, Entry, FileEntry, Operation, StorageDriver, WriteOptions } from './contract.ts'
import type { StoragePath } from './path.ts'

/** An open regular file. Whoever holds it calls `close` exactly once. */
export interface OpenFile {
  readonly descriptor: number
  /** Read from the descriptor itself, so it describes the very bytes that it gives. */
  readonly entry: FileEntry & { readonly size: number; readonly etag: string; readonly modified: number }
  close(): void
}

/** A directory that was checked to lie inside the root. */
export interface OpenDirectory {
  /** An absolute path for other programs and for `readdir`; it contains no symbolic link. */
  readonly realPath: string
  readonly entry: DirectoryEntry
}

/**
 * What a driver over a local file system offers besides the contract, for work that is many times faster with a
 * descriptor or a real path in hand: sendfile, reading into WebAssembly memory, running ripgrep. Its calls are
 * synchronous because on a local disk each costs microseconds, less than a trip through the thread pool.
 * All throw the same StorageErrors as the contract's methods and hold the same line: nothing outside the root unless
 * `followsSymlinks`, no FIFO, socket or device is ever opened.
 */
export interface LocalAccess {
  /** Absolute, without symbolic links. */
  readonly root: string
  /** Whether links may lead outside the root. Links that stay inside are always followed. */
  readonly followsSymlinks: boolean
  stat(path: StoragePath): Entry
  /** As `stat`; `undefined` where nothing is, which costs a tenth of an error. */
  find(path: StoragePath): Entry | undefined
  openFile(path: StoragePath): OpenFile
  openDirectory(path: StoragePath): OpenDirectory
  /** The path of what `path` leads to, without any link on the way; `undefined` when that is nothing or outside the root. */
  placeOf(path: StoragePath): StoragePath | undefined
  /** The places that may be reached, with all below them and the folders on the way there. Absent: every place. */
  readonly within?: readonly StoragePath[] | undefined
  /**
   * A driver of the same folder for somebody who may only reach these places: what really stands elsewhere is missing,
   * whatever link leads there. It offers LocalAccess too, and needs no closing of its own.
   */
  narrowed(within: readonly StoragePath[]): StorageDriver
}

type Changing = 'remove' | 'makeDirectory' | 'copy' | 'move' | 'setModified'

export interface LocalWriteOptions extends WriteOptions {
  /** All of the body, where it is here already: then nobody needs to ask `body` for it, which gives the same. */
  readonly whole?: Uint8Array | undefined
}

export interface RangeWriteOptions extends Omit<WriteOptions, 'contentType' | 'hashes'> {
  /** Offset of the first byte that is replaced; at most the size of the file. What reaches past the end makes it longer. */
  readonly start: number
}

export interface AdoptOptions extends Pick<WriteOptions, 'modified' | 'conditions' | 'signal'> {
  /** Absolute path of a file of this server. It stays, and may share its bytes from then on, so nothing is written to it any more. */
  readonly file: string
}

export interface ModeOptions extends Operation {
  /** Permission bits, the low twelve of `st_mode`. */
  readonly mode: number
}

export interface OwnerOptions extends Operation {
  readonly uid?: number | undefined
  readonly gid?: number | undefined
}

/**
 * Every way to change a folder of the local file system. Each call is complete when it resolves, survives a loss of power
 * from then on, and leaves what was there before when it rejects or never gets to its end. Links are followed only as
 * far as reading follows them; `remove` and `move` are about the link itself.
 */
export interface LocalChanges extends Required<Pick<StorageDriver, Changing>> {
  readonly write: (path: StoragePath, options: LocalWriteOptions) => Promise<FileEntry>
  /** Adds to the end of a file, or makes it with its parents. */
  append(path: StoragePath, options: Omit<LocalWriteOptions, 'contentType' | 'hashes'>): Promise<FileEntry>
  /** @throws StorageError `RangeNotSatisfiable` when `start` lies past the end */
  writeRange(path: StoragePath, options: RangeWriteOptions): Promise<FileEntry>
  /** As `write`, with the content of a file that stands elsewhere, without copying that where the system can do so. */
  adopt(path: StoragePath, options: AdoptOptions): Promise<FileEntry>
  setMode(path: StoragePath, options: ModeOptions): Promise<Entry>
  setOwner(path: StoragePath, options: OwnerOptions): Promise<Entry>
}

const accesses = new WeakMap<StorageDriver, LocalAccess>()

export function offerLocalAccess(driver: StorageDriver, access: LocalAccess): void {
  accesses.set(driver, access)
}

/** Present only for a driver itself: a layer around it hides the access, because the layer would be bypassed. */
export function localAccessOf(driver: StorageDriver): LocalAccess | undefined {
  return accesses.get(driver)
}

const changers = new WeakMap<StorageDriver, LocalChanges>()

export function offerLocalChanges(driver: StorageDriver, changes: LocalChanges): void {
  changers.set(driver, changes)
}

/** Present only for a driver itself, as with `localAccessOf`. */
export function localChangesOf(driver: StorageDriver): LocalChanges | undefined {
  return changers.get(driver)
}

/** The local bytes behind a body. `close` releases the descriptor; reading or cancelling the body does the same. */
export interface LocalBody {
  readonly descriptor: number
  /** Offset of the first byte, and of the first byte that no longer belongs to the body. */
  readonly start: number
  readonly end: number
  close(): void
}

const bodies = new WeakMap<ReadableStream<Uint8Array>, LocalBody>()

/** Lets the server send the bytes from the descriptor; every other consumer just reads the stream. */
export function markLocalBody(body: ReadableStream<Uint8Array>, local: LocalBody): void {
  bodies.set(body, local)
}

export function localBodyOf(body: ReadableStream<Uint8Array>): LocalBody | undefined {
  return bodies.get(body)
}
