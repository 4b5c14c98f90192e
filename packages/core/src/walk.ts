import { throwIfAborted } from './abort.ts'
import type { DirectoryEntry, Entry, Operation, Page, StorageDriver } from './contract.ts'
import { StorageError } from './error.ts'
import { circleGuard, pages } from './pages.ts'
import type { StoragePath } from './path.ts'

export interface WalkOptions extends Operation {
  /** Entries in a page, as far as the vendor can be told. */
  readonly limit?: number | undefined
  /** 1 yields what `list` yields, 2 also what those directories hold. Default: everything. */
  readonly depth?: number | undefined
  /** Directories that are listed at the same time where the vendor cannot walk by itself. Default 4. */
  readonly concurrency?: number | undefined
  /** Whether to go into a directory. It is yielded all the same. */
  readonly descend?: ((directory: DirectoryEntry) => boolean) | undefined
}

/**
 * Everything below a directory, in no particular order but each directory before what it holds. Directories that are
 * symbolic links are not gone into, because they can lead in circles.
 */
export function walk(driver: StorageDriver, path: StoragePath, options: WalkOptions = {}): AsyncGenerator<Entry> {
  const { depth, descend, signal, limit, fresh } = options
  if (driver.walk && depth === undefined && !descend) {
    return pages((page) => driver.walk?.(path, page) ?? Promise.resolve({ items: [] }), { signal, limit, fresh })
  }
  return walkByListing(driver, path, options)
}

/** A page of a directory that is still to be asked for. */
interface Step {
  readonly path: StoragePath
  readonly depth: number
  readonly cursor?: string | undefined
  /** Throws on a cursor that leads in a circle. */
  readonly guard: (cursor: string) => void
}

type Outcome = { readonly step: Step; readonly page: Page<Entry> } | { readonly step: Step; readonly error: unknown }

/**
 * Lists directory by directory, a bounded number of pages ahead of the consumer. What was found last is gone into first,
 * so the directories that wait are at most a page of them for each level of depth.
 */
async function* walkByListing(
  driver: StorageDriver,
  top: StoragePath,
  { signal, fresh, limit, depth = Number.POSITIVE_INFINITY, concurrency = 4, descend = () => true }: WalkOptions,
): AsyncGenerator<Entry, void, undefined> {
  const leaving = new AbortController()
  const listing = { limit, fresh, signal: signal ? AbortSignal.any([signal, leaving.signal]) : leaving.signal }
  const waiting: Step[] = [{ path: top, depth: 1, guard: circleGuard() }]
  const running = new Map<Step, Promise<Outcome>>()
  const next = (): Step | undefined => (running.size < Math.max(1, concurrency) ? waiting.pop() : undefined)
  try {
    while (waiting.length > 0 || running.size > 0) {
      for (let step = next(); step; step = next()) {
        running.set(step, outcomeOf(step, driver.list(step.path, { ...listing, cursor: step.cursor })))
      }
      const outcome = await Promise.race(running.values())
      const { step } = outcome
      running.delete(step)
      throwIfAborted(signal)
      if ('error' in outcome) {
        if (step.path !== top && StorageError.is(outcome.error, 'NotFound')) continue
        throw outcome.error
      }
      const { items, cursor } = outcome.page
      if (cursor !== undefined) {
        step.guard(cursor)
        waiting.push({ ...step, cursor })
      }
      for (const entry of items) {
        throwIfAborted(signal)
        yield entry
        const enters = entry.kind === 'directory' && entry.symlinkTarget === undefined && step.depth < depth
        if (enters && descend(entry)) waiting.push({ path: entry.path, depth: step.depth + 1, guard: circleGuard() })
      }
    }
  } finally {
    leaving.abort()
  }
}

const outcomeOf = (step: Step, listed: Promise<Page<Entry>>): Promise<Outcome> =>
  listed.then(
    (page) => ({ step, page }),
    (error: unknown) => ({ step, error }),
  )
