import { toStorageError } from '@filegate/core'
import type { Connection } from './connection.ts'
import { classify } from './errors.ts'

/** Milliseconds before each further try. */
const pauses: readonly number[] = [300, 700, 1500, 3000, 6000, 12_000]

/** Tries of what fails for another reason than too many changes at once, of which the vendor says that one has to wait. */
const usualTries = 4

/** Seconds. A vendor that asks for a longer pause is not waited for. */
const longestRetryAfter = 60

interface RepeatOptions {
  readonly signal?: AbortSignal | undefined
  /** Whether it does no harm if the first try worked and only its answer was lost. Default: it does none. */
  readonly mayRepeat?: boolean
}

/** Makes requests again whose bodies are still in memory, or that finish what has none: the layers further out cannot. */
export async function repeat<Result>(
  { clock }: Pick<Connection, 'clock'>,
  request: (tries: number) => Promise<Result>,
  { signal, mayRepeat = true }: RepeatOptions = {},
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await request(tries)
    } catch (error) {
      const { code, fate, retryAfter = 0 } = meaningOf(error, signal)
      const isThrottled = code === 'Throttled'
      const helps = fate === 'temporary' && (isThrottled || (mayRepeat && tries < usualTries))
      const pause = pauses[tries - 1]
      if (!helps || pause === undefined || retryAfter > longestRetryAfter) throw error
      await clock.sleep(Math.max(pause, retryAfter * 1000), signal)
    }
  }
}

/** Whether something may have been done although it failed: what broke is the connection, or the service itself. */
export function isUnsure(error: unknown, signal: AbortSignal | undefined): boolean {
  const { code } = meaningOf(error, signal)
  return code === 'Unavailable' || code === 'TimedOut'
}

const meaningOf = (error: unknown, signal: AbortSignal | undefined) =>
  toStorageError(error, { provider: 'dropbox', operation: 'write', path: '', signal }, classify)
