import { systemClock } from '@filegate/core'
import { vi } from 'vitest'

/** Milliseconds. What is longer is a limit, and no pause before something is done. */
const longestPause = 5000

/** From now on pauses take no time, and the clock jumps over them; limits keep theirs. @returns the pauses asked for, in milliseconds */
export function hurried(): number[] {
  const pauses: number[] = []
  const sleep = systemClock.sleep.bind(systemClock)
  const now = systemClock.now.bind(systemClock)
  let skipped = 0
  vi.spyOn(systemClock, 'now').mockImplementation(() => now() + skipped)
  vi.spyOn(systemClock, 'sleep').mockImplementation(async (milliseconds, signal) => {
    if (milliseconds > longestPause) return sleep(milliseconds, signal)
    pauses.push(milliseconds)
    await sleep(0, signal)
    skipped += milliseconds
  })
  return pauses
}
