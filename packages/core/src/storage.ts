import { abortable, collectBytes, releaseBody, streamBytes } from './byte-stream.ts'
import { can, requireMethods } from './capability.ts'
import type {
  CopyOptions,
  DirectoryEntry,
  Entry,
  FileEntry,
  HashOptions,
  ListOptions,
  ModifiedOptions,
  Operation,
  ReadOptions,
  ReadResult,
  StorageDriver,
  Usage,
  WriteOptions,
} from './contract.ts'
import { newDigest } from './digest.ts'
import { pages } from './pages.ts'
import { parsePath } from './path.ts'
import { copyByWriting, statIfThere } from './transfer.ts'
import { walk, type WalkOptions } from './walk.ts'

export interface BytesOptions extends ReadOptions {
  /** Rejects with `TooLarge` rather than hold more bytes than this. */
  readonly maximum?: number | undefined
}

/** Where a caller says `destination` in plain text. */
export interface TransferOptions extends Omit<CopyOptions, 'destination'> {
  readonly destination: string
}

/**
 * What callers use: a driver with the conveniences that can be built from the contract. Paths are plain text or
 * StoragePaths. What the driver cannot do by itself is done by reading and writing where that is possible; otherwise the
 * method rejects with `Unsupported`.
 *
 *     const storage = new Storage(driver)
 *     for await (const entry of storage.list('photos')) console.log(entry.name)
 *     await storage.write('notes/today.md', '# Today')
 */
export class Storage implements AsyncDisposable {
  readonly driver: StorageDriver

  constructor(driver: StorageDriver) {
    this.driver = driver
  }

  async stat(path: string, options?: Operation): Promise<Entry> {
    return this.driver.stat(parsePath(path), options)
  }

  async exists(path: string, options: Operation = {}): Promise<boolean> {
    return (await statIfThere(this.driver, parsePath(path), options)) !== undefined
  }

  /** The children of a directory. `limit` is the size of the pages behind it, not a bound on what is yielded. */
  list(path: string, options: Omit<ListOptions, 'cursor'> = {}): AsyncGenerator<Entry, void, undefined> {
    const directory = parsePath(path)
    return pages((page) => this.driver.list(directory, page), options)
  }

  walk(path: string, options?: WalkOptions): AsyncGenerator<Entry, void, undefined> {
    return walk(this.driver, parsePath(path), options)
  }

  async read(path: string, options?: ReadOptions): Promise<ReadResult> {
    return this.driver.read(parsePath(path), options)
  }

  async bytes(path: string, { maximum, ...options }: BytesOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { body } = await this.read(path, options)
    return collectBytes(body, options.signal, maximum)
  }

  /** Decoded as UTF-8; a byte order mark is dropped, and what is not UTF-8 becomes U+FFFD. */
  async text(path: string, options?: BytesOptions): Promise<string> {
    return new TextDecoder().decode(await this.bytes(path, options))
  }

  async json(path: string, options?: BytesOptions): Promise<unknown> {
    return JSON.parse(await this.text(path, options))
  }

  async write(
    path: string,
    content: string | Uint8Array | ReadableStream<Uint8Array>,
    options: Omit<WriteOptions, 'body'> = {},
  ): Promise<FileEntry> {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    const body = bytes instanceof Uint8Array ? streamBytes(bytes) : bytes
    const size = bytes instanceof Uint8Array ? bytes.length : undefined
    try {
      return await requireMethods(this.driver, 'write').write(parsePath(path), { size, ...options, body })
    } finally {
      await releaseBody(body)
    }
  }

  /** Of a file or a directory with all it holds. */
  async remove(path: string, options?: Operation): Promise<void> {
    return requireMethods(this.driver, 'remove').remove(parsePath(path), options)
  }

  async makeDirectory(path: string, options?: Operation): Promise<DirectoryEntry> {
    return requireMethods(this.driver, 'makeDirectory').makeDirectory(parsePath(path), options)
  }

  async copy(path: string, options: TransferOptions): Promise<Entry> {
    const [source, transfer] = [parsePath(path), parsed(options)]
    if (can(this.driver, 'copy')) return this.driver.copy(source, transfer)
    return copyByWriting(requireMethods(this.driver, 'write'), source, transfer)
  }

  /** Where the driver cannot move, the source is removed once all of it has been copied. */
  async move(path: string, options: TransferOptions): Promise<Entry> {
    if (can(this.driver, 'move')) return this.driver.move(parsePath(path), parsed(options))
    const driver = requireMethods(this.driver, 'remove')
    const entry = await this.copy(path, options)
    await driver.remove(parsePath(path), { signal: options.signal })
    return entry
  }

  async setModified(path: string, options: ModifiedOptions): Promise<Entry> {
    return requireMethods(this.driver, 'setModified').setModified(parsePath(path), options)
  }

  /** The kept versions of a file, newest first. */
  revisions(path: string, options: Omit<ListOptions, 'cursor'> = {}): AsyncGenerator<FileEntry, void, undefined> {
    const file = parsePath(path)
    const driver = requireMethods(this.driver, 'revisions')
    return pages((page) => driver.revisions(file, page), options)
  }

  async about(path = '', options?: Operation): Promise<Usage> {
    return requireMethods(this.driver, 'about').about(parsePath(path), options)
  }

  /** Lower-case hexadecimal. Asks the vendor where it knows; otherwise reads the file. */
  async hash(path: string, { algorithm, signal }: HashOptions): Promise<string> {
    const file = parsePath(path)
    if (can(this.driver, 'hash') && this.driver.traits.hashes.includes(algorithm)) {
      return this.driver.hash(file, { algorithm, signal })
    }
    const { entry, body } = await this.driver.read(file, { signal })
    const known = entry.hashes?.[algorithm]
    if (known !== undefined) {
      await releaseBody(body)
      return known
    }
    const digest = newDigest(algorithm)
    for await (const chunk of abortable(body, signal)) digest.update(chunk)
    return digest.finish()
  }

  async close(): Promise<void> {
    await this.driver.close?.()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

const parsed = (options: TransferOptions): CopyOptions => ({ ...options, destination: parsePath(options.destination) })
