import { parsePath } from '@filegate/core'
import type { PathLocks, Release } from '../writing/path-locks.ts'
import { tusProblem } from './tus-problem.ts'

/** Milliseconds of silence after which a request that sends bytes gives way to another one about the same upload. */
const givesWayAfter = 3_000

/** What a request says that is taking in bytes. */
interface Underway {
  heardAt: number
  breakOff: () => void
  readonly over: Promise<void>
}

/** Who may change which upload. */
export interface Turns {
  /** @throws StorageError with status 423 when somebody else is at one of them */
  hold(ids: readonly string[]): Promise<Release>
  /** Lets whoever takes in bytes say that it still hears something. */
  underway(id: string): { heard(breakOff: () => void): void; end(): void }
  /**
   * Breaks off a request that has heard nothing for a while. A client whose connection is gone comes back on another one, and this side may
   * not have noticed; what had come is kept.
   */
  settle(id: string): Promise<void>
}

/** The locks are those of the served folder, so they hold for all processes; uploads have names there that no file can have. */
export function createTurns(locks: PathLocks): Turns {
  const running = new Map<string, Underway>()

  async function settle(id: string): Promise<void> {
    const other = running.get(id)
    if (!other || performance.now() - other.heardAt < givesWayAfter) return
    other.breakOff()
    await other.over
  }
  return {
    settle,
    async hold(ids) {
      await Promise.all(ids.map(settle))
      const release = await locks.hold(ids.map((id) => ({ path: parsePath(`.filegate-upload/${id}`), whole: false })))
      if (release) return release
      throw tusProblem('UPLOAD_BUSY', 'Another request is at work on this upload. Try again soon.')
    },
    underway(id) {
      const over = Promise.withResolvers<void>()
      const mine: Underway = { heardAt: performance.now(), breakOff() {}, over: over.promise }
      running.set(id, mine)
      return {
        heard(breakOff) {
          mine.heardAt = performance.now()
          mine.breakOff = breakOff
        },
        end() {
          running.delete(id)
          over.resolve()
        },
      }
    },
  }
}
