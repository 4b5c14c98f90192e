import { abortedBy } from '../abort.ts'
import { StorageError } from '../error.ts'
import { type Clock, systemClock } from './clock.ts'
import { createRate, type Rate } from './rate.ts'

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
  /**
   * Runs `task` when its turn comes, and learns from how it ends: `Throttled` slows everything down.
   * @throws StorageError `Aborted` when `signal` is aborted before that, `Throttled` when the vendor wants to be left alone for
   *   longer than anybody should wait
   */
  run<Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result>
}

/** Milliseconds. Nobody waits for a vendor that wants to be left alone for longer. */
const longestPause = 60_000

export function createPacer(pace: Pace, clock: Clock = systemClock): Pacer {
  const concurrency = pace.concurrency || Number.POSITIVE_INFINITY
  const rate = createRate(pace.perSecond ?? 0, pace.burst ?? 1)
  const nap = createNap(clock)
  const line = createLine(() => nap.wake())
  let [active, draining] = [0, false]
  const isFree = (): boolean => !line.first() && active < concurrency && rate.delay(clock.now()) <= 0
  function begin(): void {
    rate.take(clock.now())
    active += 1
  }

  /** Starts whoever may start; sleeps while only the time stands in the way. */
  async function drain(): Promise<void> {
    if (draining) return
    draining = true
    try {
      for (;;) {
        const next = line.first()
        if (!next || active >= concurrency) return
        const delay = rate.delay(clock.now())
        if (delay > 0) await nap.sleep(delay)
        else {
          begin()
          next.start()
        }
      }
    } finally {
      draining = false
    }
  }

  /** Sends away who waits where that would take too long, and starts whoever may start. */
  function goOn(): void {
    const pause = rate.closedFor(clock.now())
    if (pause > longestPause) line.refuse(() => closedFor(pause))
    if (line.first()) void drain()
  }

  return {
    async run(task, signal) {
      if (isFree() && !signal?.aborted) begin()
      else {
        const turn = line.join(signal)
        goOn()
        await turn
      }
      try {
        return await learning(task, rate, clock)
      } finally {
        active -= 1
        goOn()
      }
    },
  }
}

interface Waiter {
  start(): void
  leave(error: StorageError): void
}

/** Those who wait for their turn, in the order in which they came. */
function createLine(whenEmpty: () => void) {
  const waiting = new Set<Waiter>()
  return {
    first: (): Waiter | undefined => waiting.values().next().value,
    refuse(errorFor: () => StorageError): void {
      for (const waiter of waiting) waiter.leave(errorFor())
    },
    join(signal: AbortSignal | undefined): Promise<void> {
      return new Promise((resolve, reject) => {
        function leave(error: StorageError): void {
          signal?.removeEventListener('abort', abort)
          waiting.delete(waiter)
          if (waiting.size === 0) whenEmpty()
          reject(error)
        }
        function abort(): void {
          if (signal) leave(abortedBy(signal))
        }
        function start(): void {
          signal?.removeEventListener('abort', abort)
          waiting.delete(waiter)
          resolve()
        }
        const waiter = { start, leave }
        if (signal?.aborted) return abort()
        signal?.addEventListener('abort', abort, { once: true })
        waiting.add(waiter)
      })
    },
  }
}

function closedFor(pause: number): StorageError {
  const seconds = Math.ceil(pause / 1000)
  const message = `The service asks to be left alone for ${seconds} s more. Try again then.`
  return new StorageError('Throttled', message, { retryAfter: seconds, fate: 'persistent' })
}

/** A sleep that can be cut short, so that no timer outlives those it was for. */
function createNap(clock: Clock) {
  let alarm = new AbortController()
  return {
    async sleep(milliseconds: number): Promise<void> {
      alarm = new AbortController()
      try {
        await clock.sleep(milliseconds, alarm.signal)
      } catch (error) {
        if (!alarm.signal.aborted) throw error
      }
    },
    wake: (): void => alarm.abort(),
  }
}

/** The result of `task`, and what the rate is to learn from it. */
async function learning<Result>(task: () => Promise<Result>, rate: Rate, clock: Clock): Promise<Result> {
  const startedAt = clock.now()
  try {
    const result = await task()
    rate.recover()
    return result
  } catch (error) {
    if (StorageError.is(error, 'Throttled')) rate.slowDown(clock.now(), startedAt, (error.retryAfter ?? 0) * 1000)
    throw error
  }
}
