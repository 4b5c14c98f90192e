import { abortedBy, StorageError } from '@filegate/core'

/** Lets only so many do heavy work at a time; the others wait, and some are sent away. */
export interface Turns {
  /** Resolves when it is one's turn, with what ends it. @throws StorageError `Throttled` when too many wait already. */
  take(signal?: AbortSignal): Promise<() => void>
}

export function createTurns(atOnce: number, mostWaiting: number): Turns {
  let running = 0
  const waiting: (() => void)[] = []
  const end = (): void => {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
  const turn = (): (() => void) => {
    let ended = false
    return () => {
      if (!ended) end()
      ended = true
    }
  }
  return {
    take(signal) {
      if (signal?.aborted) return Promise.reject(abortedBy(signal))
      if (running < atOnce) {
        running += 1
        return Promise.resolve(turn())
      }
      if (waiting.length >= mostWaiting) {
        const message = 'Too many archives are being unpacked at the moment. Try again soon.'
        return Promise.reject(new StorageError('Throttled', message, { retryAfter: 5 }))
      }
      return new Promise((resolve, reject) => {
        const start = (): void => {
          signal?.removeEventListener('abort', leave)
          resolve(turn())
        }
        const leave = (): void => {
          const place = waiting.indexOf(start)
          if (place === -1 || !signal) return
          waiting.splice(place, 1)
          reject(abortedBy(signal))
        }
        waiting.push(start)
        signal?.addEventListener('abort', leave, { once: true })
      })
    },
  }
}
