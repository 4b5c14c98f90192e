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

export type ContentDriver = DriverWith<'write' | 'remove'>

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
  remove(hash: string): Promise<void>
  /** All that is kept. */
  all(options?: Operation): AsyncIterable<{ readonly hash: string; readonly modified: number }>
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
    async remove(hash) {
      try {
        await driver.remove(placeOf(hash))
      } catch (error) {
        if (!StorageError.is(error, 'NotFound')) throw error
      }
    },
    async *all(options) {
      for await (const entry of walk(driver, root, options)) {
        if (entry.kind === 'file' && digestName.test(entry.name)) {
          yield { hash: entry.name, modified: entry.modified ?? 0 }
        }
      }
    },
  }
}
