/** When the next request may start, and how that changes with what the vendor says. All times in milliseconds. */
export interface Rate {
  /** How long to wait from `now`; 0 or less means not at all. */
  delay(now: number): number
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
/** The interval that slowing down multiplies where the account has none of its own. */
const unlimitedInterval = 25
const recovery = 0.9

/** So many requests a second with a burst after a quiet time; half of it after each refusal, recovering with successes. */
export function createRate(perSecond: number, burst: number): Rate {
  const ownInterval = perSecond > 0 ? 1000 / perSecond : 0
  let slowdown = 1
  let slowedAt = Number.NEGATIVE_INFINITY
  let closedUntil = Number.NEGATIVE_INFINITY
  /** When the next request is due if all come at the steady rate. */
  let due = Number.NEGATIVE_INFINITY

  const interval = (): number => (slowdown > 1 ? (ownInterval || unlimitedInterval) * slowdown : ownInterval)
  const credit = (): number => (slowdown > 1 ? 0 : (Math.max(1, burst) - 1) * interval())

  return {
    delay: (now) => Math.max(closedUntil, due - credit()) - now,
    take(now) {
      due = Math.max(due, now) + interval()
    },
    slowDown(now, startedAt, pause) {
      closedUntil = Math.max(closedUntil, now + pause)
      if (startedAt <= slowedAt) return
      slowedAt = now
      slowdown = Math.min(slowdown * 2, mostSlowdown)
      due = Math.max(due, now) + interval()
    },
    recover() {
      slowdown = Math.max(1, slowdown * recovery)
    },
  }
}
