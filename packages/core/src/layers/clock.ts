import { abortedBy } from '../abort.ts'

/** Time as the layers see it, so that tests need not wait. */
export interface Clock {
  /** Milliseconds; only differences mean something. */
  now(): number
  /** @throws StorageError `Aborted` as soon as `signal` is. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => performance.now(),
  // Node's own promise of a timer makes an error of its own when it is aborted, which every call in time would pay for.
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const abort = (): void => {
        clearTimeout(timer)
        if (signal) reject(abortedBy(signal))
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }, milliseconds)
      if (signal?.aborted) abort()
      else signal?.addEventListener('abort', abort, { once: true })
    }),
}
