import { abortedBy, throwIfAborted } from '@filegate/core'

/** Runs work as soon as fewer than so many are running, first come first served. Who is aborted while waiting leaves. */
export type Limit = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>

export function createLimit(most: number): Limit {
  const waiting = new Set<() => void>()
  let running = 0

  function turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        waiting.delete(go)
        reject(abortedBy(signal))
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.add(go)
    })
  }

  /** Hands the place on; it stays taken meanwhile, so that nobody can slip in before. */
  function leavePlace(): void {
    const [next] = waiting
    if (!next) {
      running -= 1
      return
    }
    waiting.delete(next)
    next()
  }

  return async (work, signal) => {
    throwIfAborted(signal)
    if (running < most) running += 1
    else await turn(signal)
    try {
      return await work()
    } finally {
      leavePlace()
    }
  }
}
