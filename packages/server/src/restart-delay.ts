const first = 100
const longest = 30_000
/** After so long without an end, the next one counts as the first again. Milliseconds. */
const calm = 60_000

/** How many milliseconds to wait before the next restart: twice as long each time, unless it was calm for a while. */
export function restartDelay(now: () => number): () => number {
  let ends = 0
  let last = Number.NEGATIVE_INFINITY
  return () => {
    ends = now() - last > calm ? 0 : ends + 1
    last = now()
    return Math.min(longest, first * 2 ** ends)
  }
}
