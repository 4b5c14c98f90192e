import { StorageError } from '../error.ts'
import type { Clock } from './clock.ts'

/** Why a timer ends that did not have to go off. One for all: making an error costs more than the rest of a timer. */
const inTime = new StorageError('Aborted', 'It was done in time.')

/** The result of `work`, unless it takes longer: then the error that `expire` gives. */
export async function within<Result>(
  work: Promise<Result>,
  milliseconds: number,
  clock: Clock,
  expire: () => Error,
): Promise<Result> {
  const timer = new AbortController()
  const limit = clock.sleep(milliseconds, timer.signal).then(() => {
    throw expire()
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    timer.abort(inTime)
  }
}

export interface IdleLimit {
  /** The result of `work`, unless it takes too long. For one piece of work after the other. */
  during<Result>(work: Promise<Result>): Promise<Result>
  stop(): void
}

/** Limits how long each of many short waits may take, with one timer for many of them: one for each would cost more than the wait. */
export function idleLimit(milliseconds: number, clock: Clock, expire: () => Error): IdleLimit {
  const timer = new AbortController()
  let waitingSince: number | undefined
  let isWatched = false
  let fail = (_error: unknown): void => {}

  /** Sleeps until what is waited for now would take too long, as long as there is something. */
  async function watch(): Promise<void> {
    isWatched = true
    try {
      for (let left = milliseconds; left > 0; ) {
        await clock.sleep(left, timer.signal)
        if (waitingSince === undefined) return
        left = waitingSince + milliseconds - clock.now()
      }
      fail(expire())
    } catch (error) {
      if (!timer.signal.aborted) fail(error)
    } finally {
      isWatched = false
    }
  }
  return {
    during(work) {
      return new Promise((resolve, reject) => {
        waitingSince = clock.now()
        fail = reject
        if (!isWatched) void watch()
        work.then(
          (result) => {
            waitingSince = undefined
            resolve(result)
          },
          (error: unknown) => {
            waitingSince = undefined
            reject(error)
          },
        )
      })
    },
    stop: () => timer.abort(inTime),
  }
}

export interface FollowingAbort {
  readonly signal: AbortSignal
  /** Aborts with the error and gives it back. */
  now(error: Error): Error
  /** Stops following. Without it a long-lived signal would collect listeners. */
  release(): void
}

/** A signal that is aborted when `followed` is, and can be aborted on its own besides. */
export function followingAbort(followed: AbortSignal | undefined): FollowingAbort {
  const controller = new AbortController()
  const follow = (): void => controller.abort(followed?.reason)
  if (followed?.aborted) follow()
  else followed?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    now(error) {
      controller.abort(error)
      return error
    },
    release: () => followed?.removeEventListener('abort', follow),
  }
}

export interface StallTimer {
  /** Rejects with the error of `expire` after a time without progress; never resolves. To be awaited from the start. */
  readonly expired: Promise<never>
  /** Does not count the time that `step` takes, and counts anew after it. */
  pausedDuring<Result>(step: () => Promise<Result>): Promise<Result>
  stop(): void
}

export function stallTimer(milliseconds: number, clock: Clock, expire: () => Error): StallTimer {
  const { promise, reject } = Promise.withResolvers<never>()
  let timer = new AbortController()
  let stopped = false

  function start(): void {
    if (stopped) return
    timer = new AbortController()
    const { signal } = timer
    clock.sleep(milliseconds, signal).then(
      () => reject(expire()),
      (error) => {
        if (!signal.aborted) reject(error)
      },
    )
  }

  start()
  return {
    expired: promise,
    async pausedDuring(step) {
      timer.abort(inTime)
      try {
        return await step()
      } finally {
        start()
      }
    },
    stop() {
      stopped = true
      timer.abort(inTime)
    },
  }
}
