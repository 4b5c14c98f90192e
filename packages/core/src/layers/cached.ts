import type { Entry, ListOptions, Operation, Page, StorageDriver } from '../contract.ts'
import type { StoragePath } from '../path.ts'
import { around, type Call, type Layer, type OperationName } from './around.ts'
import { createAnswerCache } from './answer-cache.ts'
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

/** What changes the storage at `path`, and at `destination` where there is one. */
const changes: ReadonlySet<OperationName> = new Set(['write', 'remove', 'makeDirectory', 'copy', 'move', 'setModified'])

/**
 * `stat` and `list` are answered from memory for a short time, and equal questions that are asked at once go out once.
 * What this driver changes itself is forgotten before and after the change. `fresh` in the options asks the vendor.
 */
export function cached(policy: CachePolicy = {}): Layer {
  const { timeToLive = 5000, capacity = 20_000, clock = systemClock, shared } = policy
  return (inner) => {
    const entries = createAnswerCache<Entry>({ timeToLive, capacity, clock, weigh: () => 1 })
    const pages = createAnswerCache<Page<Entry>>({
      timeToLive,
      capacity,
      clock,
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
      stat: (path, options: Operation = {}) =>
        entries.answer({ path, question: asked(), ...options }, (signal) => inner.stat(path, { ...options, signal })),
      list: (path, options: ListOptions = {}) =>
        pages.answer({ path, question: asked(options.cursor, options.limit), ...options }, (signal) =>
          inner.list(path, { ...options, signal }),
        ),
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
