import { setImmediate as nextTurn } from 'node:timers/promises'

/** Milliseconds of work on the main thread after which other requests get their turn. */
const slice = 4

/**
 * A pause to be awaited often inside long work: it returns at once while the slice lasts, and lets the event loop turn
 * when it is used up.
 *
 *     const pause = timeSlices()
 *     for (const item of many) { work(item); await pause() }
 *
 * Awaiting costs more than most steps do, so call it every few hundred of them.
 */
export function timeSlices(): () => Promise<void> {
  let end = performance.now() + slice
  return async () => {
    if (performance.now() < end) return
    await nextTurn()
    end = performance.now() + slice
  }
}
