import { type LocalAccess, StorageError, type StoragePath } from '@filegate/core'
import type { JournalStore } from './journal-store.ts'

/** Finds the digests of files that are too large to be kept, one after the other, while nobody waits for them. */
export interface DigestQueue {
  /** For the state of the file with that etag. A later call for the same path takes the place of an earlier one. */
  later(path: StoragePath, etag: string): void
  /** Resolves once none is left. */
  idle(): Promise<void>
  close(): Promise<void>
}

export interface DigestQueueParts {
  readonly local: Pick<LocalAccess, 'stat'>
  /** SHA-256 of what stands at a path, computed off the main thread. */
  readonly digest: (path: StoragePath, signal: AbortSignal) => Promise<string>
  readonly store: Pick<JournalStore, 'enter'>
  readonly report: (error: unknown) => void
}

export function createDigestQueue({ local, digest, store, report }: DigestQueueParts): DigestQueue {
  const waiting = new Map<StoragePath, string>()
  const closing = new AbortController()
  let running: Promise<void> | undefined

  async function work(): Promise<void> {
    for (let next = first(waiting); next && !closing.signal.aborted; next = first(waiting)) {
      const [path, etag] = next
      waiting.delete(path)
      await settle(path, etag).catch((error: unknown) => {
        // Files come and go; what is new about them is found elsewhere.
        if (!StorageError.is(error, 'NotFound') && !closing.signal.aborted) report(error)
      })
    }
    running = undefined
  }

  async function settle(path: StoragePath, etag: string): Promise<void> {
    if (etagAt(path) !== etag) return
    const hash = await digest(path, closing.signal)
    if (etagAt(path) === etag) await store.enter([{ digested: path, etag, hash }])
  }

  function etagAt(path: StoragePath): string | undefined {
    const entry = local.stat(path)
    return entry.kind === 'file' ? entry.etag : undefined
  }

  return {
    later(path, etag) {
      waiting.delete(path)
      waiting.set(path, etag)
      running ??= work()
    },
    idle: async () => running,
    async close() {
      closing.abort()
      waiting.clear()
      await running
    },
  }
}

function first<K, V>(map: ReadonlyMap<K, V>): [K, V] | undefined {
  for (const entry of map) return entry
  return undefined
}
