import { abortedBy, StorageError, throwIfAborted } from '@filegate/core'

/** So many may be used at once; who wants one more waits for it. */
export interface Places {
  /** @throws StorageError `Throttled` when none became free for a while */
  take(signal?: AbortSignal): Promise<void>
  giveBack(): void
}

/** Milliseconds. */
const patience = 30_000

export function createPlaces(limit: number): Places {
  const waiting = new Set<() => void>()
  let free = limit
  return {
    async take(signal) {
      throwIfAborted(signal)
      if (free > 0) {
        free -= 1
        return
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const abort = (): void => {
        if (signal) reject(abortedBy(signal))
      }
      const late = setTimeout(() => {
        const message = `All ${limit} connections to the FTP server are in use. Raise concurrency, or try again later.`
        reject(new StorageError('Throttled', message))
      }, patience)
      waiting.add(resolve)
      signal?.addEventListener('abort', abort, { once: true })
      try {
        await promise
      } finally {
        clearTimeout(late)
        waiting.delete(resolve)
        signal?.removeEventListener('abort', abort)
      }
    },
    giveBack() {
      // It goes straight to who waits longest; otherwise somebody else could be faster.
      const [next] = waiting
      if (!next) {
        free += 1
        return
      }
      waiting.delete(next)
      next()
    },
  }
}
