import { systemClock, toStorageError } from '@filegate/core'
import { classify } from './errors.ts'

const pauses: readonly number[] = [200, 600, 1800]

/**
 * Tries a request again whose body is still in memory: the layers further out cannot, since they do not have it.
 * @param mayRepeat whether it does no harm if the first try worked and only its answer was lost
 */
export async function repeated<Result>(
  request: (isFirst: boolean) => Promise<Result>,
  { signal, mayRepeat = true }: { readonly signal?: AbortSignal | undefined; readonly mayRepeat?: boolean },
): Promise<Result> {
  for (let tries = 0; ; tries++) {
    try {
      return await request(tries === 0)
    } catch (error) {
      const call = { provider: 'google-cloud-storage', operation: 'write', path: '', signal }
      const known = toStorageError(error, call, classify)
      const helps = known.fate === 'temporary' && (mayRepeat || known.code === 'Throttled')
      const pause = pauses[tries]
      if (!helps || pause === undefined) throw error
      await systemClock.sleep(Math.max(pause, (known.retryAfter ?? 0) * 1000), signal)
    }
  }
}
