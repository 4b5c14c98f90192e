import { setImmediate } from 'node:timers/promises'

const sliceMilliseconds = 4

/** For long loops in the main thread: `await rest()` lets other requests have their turn, if it is their turn. */
export function timeSlice(): () => Promise<void> | undefined {
  let since = performance.now()
  const pause = async (): Promise<void> => {
    await setImmediate()
    since = performance.now()
  }
  return () => (performance.now() - since < sliceMilliseconds ? undefined : pause())
}
