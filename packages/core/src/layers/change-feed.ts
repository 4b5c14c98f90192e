import type { StorageDriver } from '../contract.ts'
import { StorageError } from '../error.ts'
import type { StoragePath } from '../path.ts'
import type { Clock } from './clock.ts'

/** What is remembered lives on the word of a feed. One for all who remember answers of one storage. */
export interface ChangeFeed {
  /** The unbroken row of answers in which each change from now on is told; 0 as long as there is none. */
  readonly row: number
  /** What was remembered in a row still held at this time of the clock. */
  confirmed(row: number): number
  /** Asks whether what is remembered still holds, and forgets what does not. Never rejects. */
  check(): Promise<void>
}

export interface ChangeFeedOptions {
  readonly changes: NonNullable<StorageDriver['changes']>
  readonly forget: (changed: readonly StoragePath[] | 'all') => void
  readonly clock: Clock
}

/** Milliseconds. */
const times = {
  /** Between two questions. */
  pause: 2000,
  /** After one that failed. */
  rest: 30_000,
  /** How long those who read wait for the answer. Later ones count from then on. */
  patience: 3000,
} as const

/** Failures after which the feed goes on where it was. */
const passing = new Set(['Throttled', 'TimedOut', 'Unavailable', 'Aborted'])

export function createChangeFeed({ changes, forget, clock }: ChangeFeedOptions): ChangeFeed {
  let cursor: string | undefined
  let row = 0
  let confirmed = Number.NEGATIVE_INFINITY
  let next = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined

  async function ask(): Promise<void> {
    const asked = clock.now()
    next = asked + times.pause
    try {
      const found = await changes(cursor)
      if (found.paths === 'all' || found.paths.length > 0) forget(found.paths)
      if (cursor === undefined) row += 1
      else confirmed = asked
      cursor = found.cursor
    } catch (error) {
      next = clock.now() + times.rest
      if (StorageError.is(error) && passing.has(error.code)) return
      // Whatever was wrong with it, a new row has no gap.
      cursor = undefined
      row += 1
      confirmed = Number.NEGATIVE_INFINITY
    } finally {
      asking = undefined
    }
  }
  return {
    get row() {
      return cursor === undefined ? 0 : row
    },
    confirmed: (since) => (since !== 0 && since === row ? confirmed : Number.NEGATIVE_INFINITY),
    async check() {
      if (!asking && clock.now() < next) return
      asking ??= ask()
      const waiting = new AbortController()
      try {
        await Promise.race([asking, clock.sleep(times.patience, waiting.signal).catch(ended)])
      } finally {
        waiting.abort()
      }
    },
  }
}

/** The answer came first. */
function ended(_reason: unknown): void {}
