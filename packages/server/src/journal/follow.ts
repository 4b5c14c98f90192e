import { root, type StoragePath } from '@filegate/core'
import { byCrowd } from './by-crowd.ts'
import type { MovesUnderWay } from './moves-under-way.ts'
import { oneAfterAnother } from './one-after-another.ts'
import type { Survey } from './survey.ts'

/** Comes back to paths at which something seems to have changed, shortly afterwards and all together. */
export interface Follow {
  changed(path: StoragePath): void
  /** Resolves once nothing waits any more. */
  idle(): Promise<void>
  close(): Promise<void>
}

export interface FollowOptions {
  readonly survey: Survey
  /** What requests of ours are at is left alone until they have entered it. */
  readonly underWay: Pick<MovesUnderWay, 'at'>
  readonly report: (error: unknown) => void
  /** Milliseconds that a path is left alone first: programs write in several steps, and requests of ours enter what they did. */
  readonly pause?: number | undefined
}

/** So many at once may be more than the system told us of, so everything is looked at. */
const overwhelming = 4000

/** Paths that are looked at before everything is. */
const mostBeside = 100

/** Milliseconds until everything is looked at again when what changed could not be entered. */
const again = 5000

/** Why entries are made of what was only seen. */
export const byOthers = 'by another program'

export function createFollow({ survey, underWay, report, pause = 300 }: FollowOptions): Follow {
  let waiting = new Set<StoragePath>()
  const aside = new Map<Promise<void>, Set<StoragePath>>()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let isBehind = false
  let willLookAround = false
  const closing = new AbortController()
  /** What takes long, while small changes are followed as they come. */
  const long = oneAfterAnother((work) => attempt(work))
  const options = { reason: byOthers, signal: closing.signal }

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      if (!closing.signal.aborted) await work()
    } catch (error) {
      isBehind = true
      if (!closing.signal.aborted) report(error)
      start()
    }
  }

  function lookAround(): void {
    isBehind = false
    if (willLookAround) return
    willLookAround = true
    long.add(() => {
      willLookAround = false
      return survey.tree(root, options)
    })
  }

  /** Comes back to a path when the request is over that is at it. Most often that has entered everything by then. */
  function putAside(path: StoragePath, way: Promise<void>): void {
    const known = aside.get(way)
    if (known) return void known.add(path)
    const paths = new Set([path])
    aside.set(way, paths)
    void way.then(() => {
      aside.delete(way)
      if (paths.size > overwhelming) lookAround()
      else long.add(() => follow(paths))
    })
  }

  async function follow(paths: ReadonlySet<StoragePath>): Promise<void> {
    const rest = await survey.paths(inOrder(paths), options)
    if (rest) long.add(rest)
  }

  async function work(): Promise<void> {
    const paths = waiting
    waiting = new Set()
    for (const path of paths) {
      const way = underWay.at([path])
      if (way) putAside(path, way)
      if (way) paths.delete(path)
    }
    if (isBehind) return lookAround()
    const isTooMuch = paths.size > overwhelming
    if (isTooMuch) lookAround()
    // Changes that are alone in their folder need not wait for that.
    const some = isTooMuch ? new Set(byCrowd([...paths]).slice(0, mostBeside)) : paths
    if (some.size > 0) await attempt(() => follow(some))
  }

  function start(): void {
    if (timer || running || closing.signal.aborted) return
    timer = setTimeout(
      () => {
        timer = undefined
        running = work().finally(() => {
          running = undefined
          if (waiting.size > 0 || isBehind) start()
        })
      },
      isBehind ? again : pause,
    )
    timer.unref()
  }

  function changed(path: StoragePath): void {
    waiting.add(path)
    start()
  }

  return {
    changed,
    async idle() {
      for (let isTried = false; ; ) {
        clearTimeout(timer)
        timer = undefined
        if (running) await running
        else if (waiting.size > 0 || (isBehind && !isTried)) {
          isTried = true
          await work()
        } else if (aside.size > 0) await Promise.all(aside.keys())
        else if (long.end) await long.end
        else break
      }
      if (isBehind) start()
    },
    async close() {
      closing.abort()
      clearTimeout(timer)
      waiting.clear()
      await running
      await long.end
    },
  }
}

/** A folder comes before what it holds. */
function inOrder(paths: ReadonlySet<StoragePath>): StoragePath[] {
  return [...paths].toSorted((one, other) => (one < other ? -1 : 1))
}
