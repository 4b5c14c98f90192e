import { abortedBy, type Entry, type Page, StorageError, type StorageDriver, type StoragePath } from '@filegate/core'
import { walkFlatTree } from './flat-tree-walk.ts'
import { storedInherited } from './inherited-level.ts'
import { ruleNames, storedRuleTexts } from './rule-texts.ts'
import { createTreeRules } from './tree-rules.ts'
import { depthBelow, type TreeEntry, type TreeWalk, type TreeWalkOptions } from './tree-walk.ts'

/** Requests for listings that are under way at the same time. */
const mostListings = 8

/** A page of a directory that is still to be asked for. */
interface Step {
  readonly directory: StoragePath
  readonly cursor?: string | undefined
}

/** Walks any storage, in whatever way takes fewer requests. */
export async function* walkStoredTree(storage: StorageDriver, top: StoragePath, options: TreeWalkOptions): TreeWalk {
  yield* (await walkFlatTree(storage, top, options)) ?? walkListings(storage, top, options)
}

/** Listing by listing, some of them ahead of the consumer. */
async function* walkListings(
  storage: StorageDriver,
  top: StoragePath,
  { limits, signal, enter = () => true }: TreeWalkOptions,
): TreeWalk {
  const leaving = new AbortController()
  const stop = AbortSignal.any([signal, leaving.signal])
  const inherited = limits.noIgnore ? undefined : await storedInherited(storage, top, stop)
  const rules = createTreeRules(top, limits, inherited)
  const waiting: Step[] = [{ directory: top }]
  const running = new Map<Step, Promise<{ readonly step: Step; readonly page: Page<Entry> }>>()

  async function list(step: Step): Promise<{ readonly step: Step; readonly page: Page<Entry> }> {
    const { directory, cursor } = step
    const page = await storage.list(directory, { cursor, signal: stop }).catch((error: unknown) => {
      if (directory !== top && StorageError.is(error) && skipped.has(error.code)) return { items: [] }
      throw error
    })
    if (cursor === undefined && !limits.noIgnore) await learn(directory, page)
    return { step, page }
  }

  async function learn(directory: StoragePath, page: Page<Entry>): Promise<void> {
    const isWhole = page.cursor === undefined
    const names = isWhole
      ? new Set(page.items.map(({ name }) => name).filter((name) => ruleNames.has(name)))
      : ruleNames
    if (names.size === 0) return
    rules.learn(directory, await storedRuleTexts(storage, directory, stop, names))
  }

  function start(step: Step): void {
    const listing = list(step)
    // Its failure is met where it is awaited; this only keeps it from counting as unhandled until then.
    listing.catch(() => {})
    running.set(step, listing)
  }

  try {
    while (waiting.length > 0 || running.size > 0) {
      while (running.size < mostListings && waiting.length > 0) {
        const step = waiting.pop()
        if (step) start(step)
      }
      const { step, page } = await Promise.race(running.values())
      running.delete(step)
      if (signal.aborted) throw abortedBy(signal)
      if (page.cursor !== undefined && page.cursor !== step.cursor) waiting.push({ ...step, cursor: page.cursor })
      const entries = page.items.filter(
        (entry) => entry.symlinkTarget === undefined && rules.admits(entry.path, entry.kind === 'directory'),
      )
      for (const { kind, path } of entries) {
        if (kind === 'directory' && depthBelow(top, path) < limits.maxDepth && enter(path))
          waiting.push({ directory: path })
      }
      if (entries.length > 0) yield entries satisfies readonly TreeEntry[]
    }
  } finally {
    leaving.abort()
  }
}

/** What disappears or is closed to the caller while a tree is walked is no reason to end the walk. */
const skipped: ReadonlySet<string> = new Set(['NotFound', 'NotADirectory', 'AccessDenied', 'Unauthenticated'])
