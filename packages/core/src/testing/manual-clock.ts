import { abortedBy } from '../abort.ts'
import type { Clock } from '../layers/clock.ts'

export interface ManualClock extends Clock {
  /** Moves time on, waking sleepers in order, and lets what they started run. */
  advance(milliseconds: number): Promise<void>
  /** How long every sleep so far was asked to take. */
  readonly sleeps: readonly number[]
  /** How many are asleep. */
  readonly asleep: number
}

/** A clock for tests. With `eager`, sleeping only moves the time on. */
export function manualClock({ eager = false }: { readonly eager?: boolean } = {}): ManualClock {
  let time = 0
  const sleeps: number[] = []
  const sleepers = new Set<{ readonly until: number; wake(): void }>()
  const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
  return {
    sleeps,
    get asleep() {
      return sleepers.size
    },
    now: () => time,
    async sleep(milliseconds, signal) {
      if (signal?.aborted) throw abortedBy(signal)
      sleeps.push(milliseconds)
      if (eager) {
        time += milliseconds
        return
      }
      await new Promise<void>((resolve, reject) => {
        const abort = (): void => {
          sleepers.delete(sleeper)
          if (signal) reject(abortedBy(signal))
        }
        const wake = (): void => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', abort)
          resolve()
        }
        const sleeper = { until: time + milliseconds, wake }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', abort, { once: true })
      })
    },
    async advance(milliseconds) {
      const end = time + milliseconds
      for (;;) {
        await settle()
        const [next] = [...sleepers].filter(({ until }) => until <= end).sort((one, other) => one.until - other.until)
        if (!next) break
        time = Math.max(time, next.until)
        next.wake()
      }
      time = end
      await settle()
    },
  }
}
