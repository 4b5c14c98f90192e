import { abortedBy, throwIfAborted } from '../abort.ts'

/** One call that several callers wait for. */
export interface SharedCall<Result> {
  readonly outcome: Promise<PromiseSettledResult<Result>>
  /** @throws StorageError `Aborted` as soon as `signal` is; the call goes on as long as anybody else waits for it. */
  join(signal: AbortSignal | undefined): Promise<Result>
  /** Whether everybody who waited has left, so that the call was aborted. */
  readonly abandoned: boolean
}

export function sharedCall<Result>(start: (signal: AbortSignal) => Promise<Result>): SharedCall<Result> {
  const controller = new AbortController()
  const result = start(controller.signal)
  // Settles whatever comes, so that a failure that nobody waits for any more is no unhandled one.
  const outcome = Promise.allSettled([result]).then(([settled]) => {
    isSettled = true
    return settled
  })
  let isSettled = false
  let waiting = 0
  return {
    outcome,
    get abandoned() {
      return controller.signal.aborted
    },
    async join(signal) {
      throwIfAborted(signal)
      waiting += 1
      const { promise: left, reject } = Promise.withResolvers<never>()
      const leave = (): void => {
        if (signal) reject(abortedBy(signal))
      }
      signal?.addEventListener('abort', leave, { once: true })
      try {
        return await Promise.race([result, left])
      } finally {
        signal?.removeEventListener('abort', leave)
        waiting -= 1
        if (waiting === 0 && !isSettled) controller.abort()
      }
    },
  }
}
