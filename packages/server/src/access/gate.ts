import { StorageError } from '@filegate/core'

/**
 * Lets `together` tasks run at a time and `waiting` more queue behind them.
 * The returned function rejects with StorageError `Unavailable` beyond that.
 */
export function createGate(together: number, waiting: number): <T>(task: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = []
  let running = 0
  return async (task) => {
    if (running >= together) {
      if (queue.length >= waiting) {
        throw new StorageError('Unavailable', 'Too many log-ins at once. Try again in a second.', { retryAfter: 1 })
      }
      await new Promise<void>((resolve) => queue.push(resolve))
    } else {
      running += 1
    }
    try {
      return await task()
    } finally {
      const next = queue.shift()
      if (next) next()
      else running -= 1
    }
  }
}
