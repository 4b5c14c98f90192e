import { abortedBy, StorageError, throwIfAborted } from '@filegate/core'

/** So many may be used at once; who wants one more waits for it. */
export interface Places {
  /**
   * @param holds whether the one who asks may hold a place already, as a copy does, which reads and writes at once
   * @throws StorageError `Throttled` when none became free for a while
   */
  take(signal?: AbortSignal, holds?: boolean): Promise<void>
  giveBack(): void
}

/** Milliseconds. */
const patience = 30_000
/** The only place, for somebody who may be waiting for itself. */
const shortPatience = 10_000

export function createPlaces(limit: number): Places {
  const waiting = new Set<() => void>()
  let free = limit
  return {
    async take(signal, holds = false) {
      throwIfAborted(signal)
      if (free > 0) {
        free -= 1
        return
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const abort = (): void => {
        if (signal) reject(abortedBy(signal))
      }
      const isStuck = holds && limit === 1
      const late = setTimeout(() => reject(allInUse(limit, isStuck)), isStuck ? shortPatience : patience)
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

function allInUse(limit: number, isStuck: boolean): StorageError {
  if (!isStuck) {
    const message = `All ${limit} connections to the FTP server are in use. Raise concurrency, or try again later.`
    return new StorageError('Throttled', message)
  }
  const message =
    'The only connection to the FTP server is in use. Raise concurrency, as a copy inside the server takes two, or try again later.'
  return new StorageError('Throttled', message, { fate: 'permanent' })
}
