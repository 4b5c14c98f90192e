import { abortedBy, StorageError } from '@filegate/core'

/** Lets only so many do heavy work at a time; the others wait for a while. */
export interface Turns {
  /**
   * Resolves when it is one's turn, with what ends it.
   * @throws StorageError `Throttled` when too many wait already, or when no turn comes.
   */
  take(signal: AbortSignal): Promise<() => void>
}

export interface TurnLimits {
  readonly atOnce: number
  readonly mostWaiting: number
  /** Milliseconds. */
  readonly patience: number
}

export function createTurns({ atOnce, mostWaiting, patience }: TurnLimits): Turns {
  let running = 0
  const waiting = new Set<() => void>()
  const turn = (): (() => void) => {
    let ended = false
    running += 1
    return () => {
      if (ended) return
      ended = true
      running -= 1
      for (const start of waiting) if (running < atOnce) start()
    }
  }
  return {
    take(signal) {
      if (signal.aborted) return Promise.reject(abortedBy(signal))
      if (running < atOnce) return Promise.resolve(turn())
      if (waiting.size >= mostWaiting) return Promise.reject(busy())
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          waiting.delete(start)
          signal.removeEventListener('abort', abort)
          clearTimeout(timer)
        }
        const start = (): void => (leave(), resolve(turn()))
        const abort = (): void => (leave(), reject(abortedBy(signal)))
        const timer = setTimeout(() => (leave(), reject(busy())), patience)
        waiting.add(start)
        signal.addEventListener('abort', abort, { once: true })
      })
    },
  }
}

const busy = (): StorageError =>
  new StorageError('Throttled', 'Too many archives are being unpacked at the moment. Try again soon.', {
    retryAfter: 5,
  })
