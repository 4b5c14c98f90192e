import { StorageError } from '../error.ts'
import { type Clock, systemClock } from './clock.ts'

export interface RetryPolicy {
  /** Tries in all, the first included. Default 4. Of those that time out, which cost the most, never more than two. */
  readonly attempts?: number | undefined
  /** Milliseconds before the first retry; doubles with each. Default 250. */
  readonly firstDelay?: number | undefined
  /** Milliseconds that the doubling stops at. Default 10,000. */
  readonly longestDelay?: number | undefined
  /** Seconds. A vendor that asks for a longer pause is not waited for. Default 60. */
  readonly longestRetryAfter?: number | undefined
  readonly clock?: Clock | undefined
  /** From 0 up to 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

export interface AttemptOptions {
  readonly signal?: AbortSignal | undefined
  /** Whether repeating after this error does no harm. Default: always. */
  readonly mayRepeat?: ((error: StorageError) => boolean) | undefined
  /** What has failed already, and how many attempts that were. */
  readonly failed?: { readonly error: unknown; readonly attempts: number } | undefined
}

/** Runs `task` until it succeeds, fails for good, or has used up its tries. `attempt` counts from 1. */
export type Attempt = <Result>(task: (attempt: number) => Promise<Result>, options: AttemptOptions) => Promise<Result>

/** A vendor that hangs would be waited for a whole time limit with each try. */
const mostTimedOut = 2

export function createAttempt(policy: RetryPolicy = {}): Attempt {
  const { attempts = 4, firstDelay = 250, longestDelay = 10_000, longestRetryAfter = 60 } = policy
  const { clock = systemClock, random = Math.random } = policy

  /** Half fixed, half random, so that callers that failed together do not come back together. */
  function delay(attempt: number, { retryAfter = 0 }: StorageError): number {
    const backoff = Math.min(longestDelay, firstDelay * 2 ** (attempt - 1))
    return Math.max(retryAfter * 1000, backoff * (0.5 + random() / 2))
  }

  /** Waits for the next try, or rejects with the error when there is none. */
  async function pause(error: unknown, attempt: number, { signal, mayRepeat }: AttemptOptions): Promise<void> {
    if (!StorageError.is(error) || error.fate !== 'temporary' || signal?.aborted) throw error
    if (mayRepeat?.(error) === false) throw error
    const most = error.code === 'TimedOut' ? Math.min(attempts, mostTimedOut) : attempts
    // What was retried here must not be retried once more by whatever stands around.
    if (attempt >= most || (error.retryAfter ?? 0) > longestRetryAfter) throw error.with({ fate: 'persistent' })
    await clock.sleep(delay(attempt, error), signal)
  }

  return async (task, options) => {
    const { failed } = options
    let attempt = failed?.attempts ?? 1
    if (failed) await pause(failed.error, attempt++, options)
    for (; ; attempt++) {
      try {
        return await task(attempt)
      } catch (error) {
        await pause(error, attempt, options)
      }
    }
  }
}
