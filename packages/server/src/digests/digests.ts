import { availableParallelism } from 'node:os'
import { type FileEntry, isADirectory, StorageError } from '@filegate/core'
import { LRUCache } from 'lru-cache'
import { settled } from '../sources/settled.ts'
import type { Source } from '../sources/source.ts'
import { digestStream } from './digest-stream.ts'
import { createLimit } from './limit.ts'
import { createSharedWork } from './shared-work.ts'

export interface Digest {
  /** SHA-256, lower-case hexadecimal. */
  readonly sha256: string
  /** Whether the file was the same before and after; otherwise the digest may mix two states of it. */
  readonly steady: boolean
}

/** The digests of files: each computed once for each state of a file, and a few at a time. */
export interface Digests {
  sha256(source: Source, signal: AbortSignal): Promise<Digest>
}

export interface DigestOptions {
  /** How many files are read at once. */
  readonly concurrency?: number | undefined
  /** Unix time in milliseconds. */
  readonly now?: (() => number) | undefined
}

const mostRemembered = 20_000

export function createDigests(options: DigestOptions = {}): Digests {
  const { concurrency = Math.max(2, availableParallelism()), now = Date.now } = options
  const remembered = new LRUCache<string, string>({ max: mostRemembered })
  const shared = createSharedWork<Digest>()
  const limit = createLimit(concurrency)

  async function compute(source: Source, entry: FileEntry, signal: AbortSignal): Promise<Digest> {
    const started = now()
    const sha256 = await hashOf(source, entry, signal)
    const steady = await isUnchanged(source, entry, signal)
    if (steady && source.identity !== undefined && settled(entry, started)) remembered.set(source.identity, sha256)
    return { sha256, steady }
  }

  return {
    async sha256(source, signal) {
      const { entry, identity } = source
      if (entry.kind !== 'file') throw isADirectory(entry.path)
      const known = entry.hashes?.sha256 ?? (identity === undefined ? undefined : remembered.get(identity))
      if (known !== undefined) return { sha256: known, steady: true }
      const work = (until: AbortSignal): Promise<Digest> => limit(() => compute(source, entry, until), until)
      return identity === undefined ? work(signal) : shared.join(identity, signal, work)
    },
  }
}

/** By the storage itself where it can; otherwise by reading the file. */
async function hashOf(source: Source, entry: FileEntry, signal: AbortSignal): Promise<string> {
  if (source.hash) {
    try {
      return await source.hash({ algorithm: 'sha256', signal })
    } catch (error) {
      // Many a storage computes other digests only.
      if (!StorageError.is(error, 'Unsupported')) throw error
    }
  }
  const { body } = await source.open({ signal })
  return digestStream(body, entry.size, signal)
}

async function isUnchanged(source: Source, { etag, size }: FileEntry, signal: AbortSignal): Promise<boolean> {
  if (etag === undefined) return false
  if (source.openLocal) {
    const file = source.openLocal()
    file.close()
    return file.entry.etag === etag
  }
  const { entry, body } = await source.open(size === 0 ? { signal } : { range: { start: 0, end: 1 }, signal })
  await body.cancel()
  return entry.etag === etag
}
