import { abortedBy } from '../abort.ts'
import { type Clock, systemClock } from './clock.ts'

/** How fast an account may be asked. What is absent or 0 has no limit. */
export interface Pace {
  readonly perSecond?: number | undefined
  /** How many requests may start at once after a quiet time. Default 1. */
  readonly burst?: number | undefined
  /** How many calls may be under way at once. The reading of a body does not count: it may take as long as its reader. */
  readonly concurrency?: number | undefined
}

/** One for an account: whatever shares the vendor's limit shares the pacer. */
export interface Pacer {
  /** Runs `task` when its turn comes. @throws StorageError `Aborted` when `signal` is aborted before that. */
  run<Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result>
  /**
   * The vendor asked for fewer requests: the rate is halved and recovers while requests succeed.
   * @param startedAt when the refused request started; several refusals of one burst slow down once
   * @param retryAfter seconds in which nothing more shall start
   */
  slowDown(startedAt: number, retryAfter?: number): void
  /** A request succeeded. */
  recover(): void
  now(): number
}

const mostSlowdown = 64
/** Milliseconds between requests from which a slowdown counts where the account has no rate. */
const unlimitedInterval = 25
const recovery = 0.9

export function createPacer(pace: Pace, clock: Clock = systemClock): Pacer {
  const concurrency = pace.concurrency || Number.POSITIVE_INFINITY
  const burst = Math.max(1, pace.burst ?? 1)
  const ownInterval = pace.perSecond ? 1000 / pace.perSecond : 0
  const waiting = new Set<() => void>()
  let slowdown = 1
  let slowedAt = Number.NEGATIVE_INFINITY
  let closedUntil = Number.NEGATIVE_INFINITY
  /** When the next request is due if all come at the steady rate; may lag behind `now` by the burst. */
  let due = Number.NEGATIVE_INFINITY
  let active = 0
  let draining = false

  const interval = (): number => (slowdown > 1 ? (ownInterval || unlimitedInterval) * slowdown : ownInterval)
  const credit = (): number => (slowdown > 1 ? 0 : (burst - 1) * interval())

  /** Starts whoever may start; sleeps while somebody waits for the time alone. */
  async function drain(): Promise<void> {
    if (draining) return
    draining = true
    try {
      for (;;) {
        const [start] = waiting
        if (!start || active >= concurrency) return
        const delay = Math.max(closedUntil, due - credit()) - clock.now()
        if (delay > 0) await clock.sleep(delay)
        else {
          due = Math.max(due, clock.now()) + interval()
          active += 1
          waiting.delete(start)
          start()
        }
      }
    } finally {
      draining = false
    }
  }

  function turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const abort = (): void => {
        waiting.delete(start)
        if (signal) reject(abortedBy(signal))
      }
      if (signal?.aborted) return abort()
      signal?.addEventListener('abort', abort, { once: true })
      waiting.add(start)
      drain().catch(reject)
    })
  }

  return {
    now: () => clock.now(),
    async run(task, signal) {
      await turn(signal)
      try {
        return await task()
      } finally {
        active -= 1
        void drain()
      }
    },
    slowDown(startedAt, retryAfter = 0) {
      const now = clock.now()
      closedUntil = Math.max(closedUntil, now + retryAfter * 1000)
      if (startedAt < slowedAt) return
      slowedAt = now
      slowdown = Math.min(slowdown * 2, mostSlowdown)
      due = Math.max(due, now) + interval()
    },
    recover() {
      slowdown = slowdown * recovery < 1 ? 1 : slowdown * recovery
    },
  }
}
