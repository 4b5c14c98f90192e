/** What goes wrong with the next calls. */
export interface Failure {
  /** A route such as `files/upload`, or `oauth2/token`. Default: whatever comes next. */
  readonly route?: string | undefined
  /** How many calls go well before. Default 0. */
  readonly skip?: number | undefined
  /** How many calls. Default 1. */
  readonly times?: number | undefined
  /**
   * - `too_many_requests`, `too_many_write_operations`: 429 with `Retry-After`.
   * - `contention`: too_many_write_operations as an error of the route itself (409), as writing at the same time gives.
   * - `expired_access_token`, `invalid_access_token`: 401, whatever the token.
   * - `internal` 500, `unavailable` 503: text.
   * - `lost`: the call is carried out, its answer never comes.
   * - `dropped`: the connection breaks before anything is carried out.
   * - `cut`: the answer breaks off after `after` bytes of its body.
   */
  readonly with:
    | 'too_many_requests'
    | 'too_many_write_operations'
    | 'contention'
    | 'expired_access_token'
    | 'invalid_access_token'
    | 'internal'
    | 'unavailable'
    | 'lost'
    | 'dropped'
    | 'cut'
  /** Seconds. Default 1. */
  readonly retryAfter?: number | undefined
  /** Default: half of the body. */
  readonly after?: number | undefined
}

export interface FailurePlan {
  add(...failures: readonly Failure[]): void
  /** What this call meets. */
  next(route: string): Failure | undefined
  clear(): void
}

export function failurePlan(): FailurePlan {
  const waiting: { readonly failure: Failure; before: number; left: number }[] = []
  return {
    add(...failures) {
      for (const failure of failures) waiting.push({ failure, before: failure.skip ?? 0, left: failure.times ?? 1 })
    },
    next(route) {
      const fitting = waiting.filter(({ failure, left }) => left > 0 && (failure.route ?? route) === route)
      const found = fitting.find(({ before }) => before === 0)
      for (const one of fitting) one.before = Math.max(0, one.before - 1)
      if (found) found.left -= 1
      return found?.failure
    },
    clear: () => void waiting.splice(0),
  }
}
