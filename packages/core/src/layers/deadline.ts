import type { Clock } from './clock.ts'

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
    timer.abort()
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
      timer.abort()
      try {
        return await step()
      } finally {
        start()
      }
    },
    stop() {
      stopped = true
      timer.abort()
    },
  }
}
