import { abortedBy, StorageError } from '@filegate/core'

/** Lets only so many pieces of work run at the same time. */
export interface Slots {
  /**
   * Resolves when it is one's turn, with the function that ends it.
   * @throws StorageError `Throttled` when too many wait already or the wait becomes too long, `Aborted` by the signal.
   */
  take(signal: AbortSignal): Promise<() => void>
}

export interface SlotLimits {
  readonly running: number
  readonly waiting: number
  /** Milliseconds. */
  readonly longestWait: number
}

export function createSlots({ running, waiting, longestWait }: SlotLimits): Slots {
  const queue = new Set<() => void>()
  let taken = 0

  function slot(): () => void {
    taken++
    let held = true
    return () => {
      if (!held) return
      held = false
      taken--
      const [next] = queue
      next?.()
    }
  }

  return {
    take(signal) {
      if (signal.aborted) return Promise.reject(abortedBy(signal))
      if (taken < running) return Promise.resolve(slot())
      if (queue.size >= waiting) return Promise.reject(tooMany())
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          queue.delete(enter)
          clearTimeout(timer)
          signal.removeEventListener('abort', abort)
        }
        const enter = (): void => {
          leave()
          resolve(slot())
        }
        const abort = (): void => {
          leave()
          reject(abortedBy(signal))
        }
        const timer = setTimeout(() => {
          leave()
          reject(tooMany())
        }, longestWait).unref()
        signal.addEventListener('abort', abort, { once: true })
        queue.add(enter)
      })
    },
  }
}

const tooMany = (): StorageError =>
  new StorageError('Throttled', 'Too many searches are running; try again in a moment.', { retryAfter: 2 })
