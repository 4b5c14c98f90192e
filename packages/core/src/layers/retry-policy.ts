import { StorageError } from '../error.ts'
import { type Clock, systemClock } from './clock.ts'

export interface RetryPolicy {
  /** Tries in all, the first included. Default 4. */
  readonly attempts?: number | undefined
  /** Milliseconds after the first try in which one that timed out is repeated; later none is. Default 90,000. */
  readonly patience?: number | undefined
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
  readonly failed?:
    | { readonly error: unknown; readonly attempts: number; readonly since?: number | undefined }
    | undefined
}

/** Runs `task` until it succeeds, fails for good, or has used up its tries. `attempt` counts from 1; `since` is when it all began. */
export type Attempt = <Result>(
  task: (attempt: number, since: number) => Promise<Result>,
  options: AttemptOptions,
) => Promise<Result>

export function createAttempt(policy: RetryPolicy = {}): Attempt {
  const { attempts = 4, firstDelay = 250, longestDelay = 10_000, longestRetryAfter = 60 } = policy
  const { patience = 90_000, clock = systemClock, random = Math.random } = policy

  /** Half fixed, half random, so that callers that failed together do not come back together. */
  function delay(attempt: number, { retryAfter = 0 }: StorageError): number {
    const backoff = Math.min(longestDelay, firstDelay * 2 ** (attempt - 1))
    return Math.max(retryAfter * 1000, backoff * (0.5 + random() / 2))
  }

  /** Waits for the next try, or rejects with the error when there is none. */
  async function pause(
    error: unknown,
    attempt: number,
    { signal, mayRepeat, since }: AttemptOptions & { readonly since: number },
  ): Promise<void> {
    if (!StorageError.is(error) || error.fate !== 'temporary' || signal?.aborted) throw error
    if (mayRepeat?.(error) === false) throw error
    // A vendor that hangs would be waited for a whole time limit with each try.
    const hangs = error.code === 'TimedOut' && clock.now() - since > patience
    // What was retried here must not be retried once more by whatever stands around.
    if (hangs || attempt >= attempts || (error.retryAfter ?? 0) > longestRetryAfter)
      throw error.with({ fate: 'persistent' })
    await clock.sleep(delay(attempt, error), signal)
  }

  return async (task, options) => {
    const { failed } = options
    const since = failed?.since ?? clock.now()
    const known = { ...options, since }
    let attempt = failed?.attempts ?? 1
    if (failed) await pause(failed.error, attempt++, known)
    for (; ; attempt++) {
      try {
        return await task(attempt, since)
      } catch (error) {
        await pause(error, attempt, known)
      }
    }
  }
}
