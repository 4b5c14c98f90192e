/** When the next request may start, and how that changes with what the vendor says. All times in milliseconds. */
export interface Rate {
  /** How long to wait from `now`; 0 or less means not at all. */
  delay(now: number): number
  /** For how long from `now` the vendor wants to be left alone; 0 or less means not at all. */
  closedFor(now: number): number
  /** A request starts. */
  take(now: number): void
  /**
   * The vendor asked for fewer requests.
   * @param startedAt when the refused request started; of the refusals of one burst only the first slows down
   * @param pause in which nothing more shall start
   */
  slowDown(now: number, startedAt: number, pause: number): void
  /** A request succeeded. */
  recover(): void
}

const mostSlowdown = 64
/** Whoever asks for a longer pause is asked again after this: it may have been a slip, or have ended. */
const longestClosed = 3_600_000
/** The interval that slowing down multiplies where the account has none of its own. */
const unlimitedInterval = 25
const recovery = 0.9

/** So many requests a second with a burst after a quiet time; half of it after each refusal, recovering with successes. */
export function createRate(perSecond: number, burst: number): Rate {
  const ownInterval = perSecond > 0 ? 1000 / perSecond : 0
  let slowdown = 1
  let slowedAt = Number.NEGATIVE_INFINITY
  let closedUntil = Number.NEGATIVE_INFINITY
  /** When the next request is due if all come at the steady rate; how far ahead that is, is what is left of the burst. */
  let due = Number.NEGATIVE_INFINITY
  /** When the next request may start of those that were slowed down. What the burst let through counts nothing here. */
  let slowedUntil = Number.NEGATIVE_INFINITY

  const credit = (Math.max(1, burst) - 1) * ownInterval
  const slowedFrom = (now: number): number => now + (ownInterval || unlimitedInterval) * slowdown

  return {
    delay: (now) => Math.max(closedUntil, slowedUntil, due - credit) - now,
    closedFor: (now) => closedUntil - now,
    take(now) {
      due = Math.max(due, now) + ownInterval
      if (slowdown > 1) slowedUntil = slowedFrom(now)
    },
    slowDown(now, startedAt, pause) {
      closedUntil = Math.max(closedUntil, now + Math.min(pause, longestClosed))
      if (startedAt <= slowedAt) return
      slowedAt = now
      slowdown = Math.min(slowdown * 2, mostSlowdown)
      slowedUntil = slowedFrom(now)
    },
    recover() {
      slowdown = Math.max(1, slowdown * recovery)
    },
  }
}
