import { type Operation, systemClock } from '@filegate/core'
import { isMissing } from './errors.ts'

/** Milliseconds before each further try. */
const pauses: readonly number[] = [500, 1000, 2000]

/** SharePoint may not find for a moment what it has just taken in: asks again for what is there for certain. */
export async function soonThere<Result>(request: () => Promise<Result>, { signal }: Operation): Promise<Result> {
  for (const pause of pauses) {
    try {
      return await request()
    } catch (error) {
      if (!isMissing(error)) throw error
      await systemClock.sleep(pause, signal)
    }
  }
  return request()
}
