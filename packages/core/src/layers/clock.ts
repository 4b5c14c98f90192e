import { setTimeout as delay } from 'node:timers/promises'
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
  async sleep(milliseconds, signal) {
    try {
      await delay(milliseconds, undefined, { signal })
    } catch (error) {
      throw signal?.aborted ? abortedBy(signal) : error
    }
  },
}
