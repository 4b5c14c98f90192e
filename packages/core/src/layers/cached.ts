import type { Entry, ListOptions, Operation, Page, StorageDriver } from '../contract.ts'
import type { StoragePath } from '../path.ts'
import { around, type Call, type Layer, type OperationName } from './around.ts'
import { createAnswerCache } from './answer-cache.ts'
import { createChangeFeed } from './change-feed.ts'
import { type Clock, systemClock } from './clock.ts'

export interface CachePolicy {
  /** Milliseconds that an answer stays good. Default 5,000. */
  readonly timeToLive?: number | undefined
  /** Entries that are kept, those in listings counted one by one. Default 20,000. */
  readonly capacity?: number | undefined
  readonly clock?: Clock | undefined
  /** For a storage that other processes change as well. */
  readonly shared?: SharedChanges | undefined
}

/** How the processes that change one storage learn of each other's changes. */
export interface SharedChanges {
  /** Another number as soon as somebody else has changed something: what was remembered before counts no more. */
  generation(): number
  /** Tells the others that something was changed here; the change is answered once they know. Never rejects. */
  changed(): Promise<void>
}

/** Of more changes than this, finding out which answers they touch takes longer than asking again. */
const mostTold = 100

/** What changes the storage at `path`, and at `destination` where there is one. */
const changes: ReadonlySet<OperationName> = new Set([
  'write',
  'remove',
  'makeDirectory',
  'copy',
  'move',
  'copyFrom',
  'setModified',
])

/**
 * `stat` and `list` are answered from memory for a short time, and equal questions that are asked at once go out once.
 * What this driver changes itself is forgotten before and after the change. `fresh` in the options asks the vendor. Where the
 * driver tells what changed, one question to it after that time lets all that did not change live on.
 */
export function cached(policy: CachePolicy = {}): Layer {
  const { timeToLive = 5000, capacity = 20_000, clock = systemClock, shared } = policy
  return (inner) => {
    const feed = inner.changes && createChangeFeed({ changes: inner.changes.bind(inner), forget: forgetTold, clock })
    const entries = createAnswerCache<Entry>({ timeToLive, capacity, clock, feed, weigh: () => 1 })
    const pages = createAnswerCache<Page<Entry>>({
      timeToLive,
      capacity,
      clock,
      feed,
      weigh: ({ items }) => items.length + 1,
    })

    const folded = (path: StoragePath): string => (inner.traits.caseSensitive ? path : path.toLowerCase())

    /** Of a path, everything above it and everything below it: parents get children, and lose them. */
    function forget(paths: readonly StoragePath[]): void {
      const changed = paths.map(folded)
      const isTouched = (cached: StoragePath): boolean => {
        const known = folded(cached)
        return changed.some((path) => isAbove(known, path) || isAbove(path, known))
      }
      entries.forget(isTouched)
      pages.forget(isTouched)
    }

    function forgetTold(changed: readonly StoragePath[] | 'all'): void {
      if (changed !== 'all' && changed.length <= mostTold) return forget(changed)
      entries.forget(() => true)
      pages.forget(() => true)
    }

    const outer = around(inner, async (call, proceed) => {
      if (!changes.has(call.operation)) return proceed()
      const paths = touchedPaths(call)
      forget(paths)
      try {
        return await proceed()
      } finally {
        // Once more, because somebody may have asked meanwhile and got the state before the change.
        forget(paths)
        await shared?.changed()
      }
    })
    const asked = (...question: readonly unknown[]): string => JSON.stringify([shared?.generation(), ...question])

    return {
      ...outer,
      async stat(path, options: Operation = {}) {
        const question = { path, question: asked(), ...options }
        if (feed && entries.isDoubtful(question)) await feed.check()
        return entries.answer(question, (signal) => inner.stat(path, { ...options, signal }))
      },
      async list(path, options: ListOptions = {}) {
        const question = { path, question: asked(options.cursor, options.limit), ...options }
        if (feed && pages.isDoubtful(question)) await feed.check()
        return pages.answer(question, (signal) => inner.list(path, { ...options, signal }))
      },
    } satisfies StorageDriver
  }
}

/** `isWithin` for paths that are folded and so none that could be asked about. */
const isAbove = (ancestor: string, path: string): boolean =>
  ancestor === '' || path === ancestor || path.startsWith(`${ancestor}/`)

function touchedPaths({ path, options }: Call): readonly StoragePath[] {
  return 'destination' in options && isPath(options.destination) ? [path, options.destination] : [path]
}

/** The contract gives `destination` this type; a `Call` knows its options only in general. */
const isPath = (value: unknown): value is StoragePath => typeof value === 'string'
