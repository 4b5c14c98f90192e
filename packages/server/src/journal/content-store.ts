import {
  type ByteRange,
  type DriverWith,
  type FileEntry,
  type Operation,
  parsePath,
  type ReadResult,
  root,
  StorageError,
  type StoragePath,
  streamBytes,
  walk,
} from '@filegate/core'

export interface ContentDriver extends DriverWith<'write' | 'remove'> {
  /** A shorter way than looking whether it is there, and writing it otherwise. */
  writeBytes?(path: StoragePath, bytes: Uint8Array): Promise<void>
}

/** Content, kept once for each SHA-256, in a storage of any kind. */
export interface ContentStore {
  /** Resolves once it is kept for good. What is there already is not written again. */
  put(hash: string, bytes: Uint8Array): Promise<void>
  /** @throws StorageError `NotFound` when it is not kept */
  read(hash: string, options?: Operation & { readonly range?: ByteRange | undefined }): Promise<ReadResult>
  /** It stays, whoever needs it, until the function that is given back is called: an entry that needs it is on its way. */
  hold(hash: string): () => void
  isHeld(hash: string): boolean
  has(hash: string): Promise<boolean>
  /** Unless somebody has put it since then. Unix milliseconds. */
  remove(hash: string, since?: number): Promise<void>
  /** All that is kept, and what a crash has left of what was to be. */
  all(options?: Operation): AsyncIterable<KeptContent>
  /** Removes what a crash has left. */
  discard(stray: KeptContent): Promise<void>
}

export interface KeptContent {
  readonly path: StoragePath
  /** Absent: it is no content, but a part of one. */
  readonly hash?: string | undefined
  /** Unix milliseconds. */
  readonly modified: number
}

/** Folders of 256 each, so that none gets large. */
const placeOf = (hash: string): StoragePath => parsePath(`${hash.slice(0, 2)}/${hash}`)

const digestName = /^[0-9a-f]{64}$/

export function createContentStore(driver: ContentDriver): ContentStore {
  const writing = new Map<string, Promise<unknown>>()
  const held = new Map<string, number>()

  async function found(hash: string): Promise<FileEntry | undefined> {
    try {
      const entry = await driver.stat(placeOf(hash))
      return entry.kind === 'file' ? entry : undefined
    } catch (error) {
      if (StorageError.is(error, 'NotFound')) return undefined
      throw error
    }
  }

  async function write(hash: string, bytes: Uint8Array): Promise<void> {
    if (driver.writeBytes) return driver.writeBytes(placeOf(hash), bytes)
    const known = await found(hash)
    if (known?.size === bytes.byteLength) return
    await driver.write(placeOf(hash), {
      body: streamBytes(bytes),
      size: bytes.byteLength,
      hashes: { sha256: hash },
    })
  }

  return {
    async put(hash, bytes) {
      const running = writing.get(hash) ?? write(hash, bytes)
      writing.set(hash, running)
      try {
        await running
      } finally {
        if (writing.get(hash) === running) writing.delete(hash)
      }
    },
    read: (hash, options) => driver.read(placeOf(hash), options),
    hold(hash) {
      held.set(hash, (held.get(hash) ?? 0) + 1)
      return () => {
        const count = (held.get(hash) ?? 1) - 1
        if (count > 0) held.set(hash, count)
        else held.delete(hash)
      }
    },
    isHeld: (hash) => held.has(hash),
    has: async (hash) => (await found(hash)) !== undefined,
    async remove(hash, since = Number.POSITIVE_INFINITY) {
      const entry = await found(hash)
      if (entry && (entry.modified ?? 0) <= since) await removed(driver, placeOf(hash))
    },
    discard: ({ path }) => removed(driver, path),
    async *all(options) {
      for await (const entry of walk(driver, root, options)) {
        if (entry.kind !== 'file') continue
        const { path, name, modified = 0 } = entry
        yield { path, hash: digestName.test(name) ? name : undefined, modified }
      }
    },
  }
}

async function removed(driver: ContentDriver, path: StoragePath): Promise<void> {
  try {
    await driver.remove(path)
  } catch (error) {
    if (!StorageError.is(error, 'NotFound')) throw error
  }
}
