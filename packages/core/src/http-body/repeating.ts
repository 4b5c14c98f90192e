import { type Classify, toStorageError } from '../classify.ts'
import { systemClock } from '../layers/clock.ts'

/** Milliseconds before each further try. */
const pauses: readonly number[] = [500, 1000, 2000]

/** Seconds. A vendor that asks for a longer pause is not waited for. */
const longestRetryAfter = 60

/**
 * Makes what tries a request again whose body is still in memory: the layers further out cannot, since they do not have it.
 * @returns a function whose `mayRepeat` says whether it does no harm if the first try worked and only its answer was lost
 */
export const repeating =
  (provider: string, classify: Classify) =>
  async <Result>(
    request: () => Promise<Result>,
    { signal, mayRepeat = true }: { readonly signal?: AbortSignal | undefined; readonly mayRepeat?: boolean },
  ): Promise<Result> => {
    for (let tries = 0; ; tries++) {
      try {
        return await request()
      } catch (error) {
        const known = toStorageError(error, { provider, operation: 'write', path: '', signal }, classify)
        const helps = known.fate === 'temporary' && (mayRepeat || known.code === 'Throttled')
        const pause = pauses[tries]
        const retryAfter = known.retryAfter ?? 0
        if (!helps || pause === undefined || retryAfter > longestRetryAfter) throw error
        await systemClock.sleep(Math.max(pause, retryAfter * 1000), signal)
      }
    }
  }
