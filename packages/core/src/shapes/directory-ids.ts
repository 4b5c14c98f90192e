import type { ChangesSince } from '../contract.ts'
import { isWithin, parentPath, root, type StoragePath } from '../path.ts'

/**
 * Remembers which id a directory has: a bounded number, the least used go first, and none longer than it may. Where a feed of
 * changes is read, an id that it says nothing about lives on with it.
 */
export interface DirectoryIds {
  get(path: StoragePath): string | undefined
  /** For `set`, from before the vendor was asked. */
  moment(): Moment
  set(path: StoragePath, id: string, asked: Moment): void
  /** What was removed or moved away, with all below it. */
  forgetWithin(path: StoragePath): void
  /** A path that did not lead where it used to; the fault may lie with any directory above it. */
  forgetAlong(path: StoragePath): void
  /** What a feed said that was asked at a moment, going on from a cursor. */
  heard(found: ChangesSince, asked: Moment, cursor: string | undefined): void
}

/** Milliseconds, and how often the feed had answered by then. */
export interface Moment {
  readonly time: number
  readonly answers: number
}

interface Known {
  readonly id: string
  readonly since: number
  /** The unbroken row of answers of the feed in which each change of this one is told; 0: in none. */
  readonly row: number
}

const maximum = 10_000
/** However quiet the feed is: some vendors tell of a change late, and answer from before it meanwhile. */
const longest = 600_000

export interface DirectoryIdsOptions {
  /** Milliseconds without the word of a feed. */
  readonly rememberFor: number
  readonly now: () => number
  readonly caseSensitive: boolean
}

export function directoryIds({ rememberFor, now, caseSensitive }: DirectoryIdsOptions): DirectoryIds {
  const known = new Map<StoragePath, Known>()
  const feed = { row: 0, answers: 0, cursor: '', confirmed: Number.NEGATIVE_INFINITY }

  function isGood({ since, row }: Known): boolean {
    const until = row !== 0 && row === feed.row ? Math.min(feed.confirmed, since + longest) : since
    return Math.max(until, since) + rememberFor > now()
  }
  /** A feed, or whoever changes something, may spell a path in another case than it was asked for. */
  function forgetChanged(paths: readonly StoragePath[]): void {
    if (paths.length === 0) return
    const folded = (path: StoragePath): string => (caseSensitive ? path : path.toLowerCase())
    const changed = new Set(paths.map(folded))
    for (const at of known.keys()) {
      for (let above: StoragePath = at; above !== root; above = parentPath(above)) {
        if (changed.has(folded(above))) known.delete(at)
      }
    }
  }
  return {
    get(path) {
      const found = known.get(path)
      known.delete(path)
      if (!found || !isGood(found)) return undefined
      known.set(path, found)
      return found.id
    },
    moment: () => ({ time: now(), answers: feed.answers }),
    set(path, id, { time, answers }) {
      known.delete(path)
      // What the feed told meanwhile may have been about this one, which was not known yet.
      known.set(path, { id, since: time, row: answers === feed.answers ? feed.row : 0 })
      const [oldest] = known.keys()
      if (known.size > maximum && oldest !== undefined) known.delete(oldest)
    },
    forgetWithin(path) {
      if (path === root) known.clear()
      else forgetChanged([path])
    },
    forgetAlong(path) {
      for (const at of known.keys()) if (at !== root && isWithin(path, at)) known.delete(at)
    },
    heard({ cursor: next, paths }, { time }, cursor) {
      feed.answers += 1
      if (paths === 'all' || paths.includes(root)) known.clear()
      else forgetChanged(paths)
      if (cursor === undefined || cursor !== feed.cursor) feed.row += 1
      else feed.confirmed = time
      feed.cursor = next
    },
  }
}
