import { root, type StoragePath } from '@filegate/core'
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
  readonly report: (error: unknown) => void
  /** Milliseconds that a path is left alone first: programs write in several steps, and requests of ours enter what they did. */
  readonly pause?: number | undefined
}

/** So many at once may be more than the system told us of, so everything is looked at. */
const overwhelming = 4000

/** Milliseconds until everything is looked at again when what changed could not be entered. */
const again = 5000

/** Why entries are made of what was only seen. */
export const byOthers = 'by another program'

export function createFollow({ survey, report, pause = 300 }: FollowOptions): Follow {
  let waiting = new Set<StoragePath>()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let isBehind = false
  const closing = new AbortController()

  async function work(): Promise<void> {
    const paths = waiting
    waiting = new Set()
    try {
      if (isBehind || paths.size > overwhelming) await survey.tree(root, { reason: byOthers, signal: closing.signal })
      else await survey.paths(inOrder(paths), { reason: byOthers, signal: closing.signal })
      isBehind = false
    } catch (error) {
      isBehind = true
      if (!closing.signal.aborted) report(error)
    }
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

  return {
    changed(path) {
      waiting.add(path)
      start()
    },
    async idle() {
      for (let isTried = false; ; ) {
        clearTimeout(timer)
        timer = undefined
        if (running) await running
        else if (waiting.size > 0 || (isBehind && !isTried)) await work()
        else break
        isTried = true
      }
      if (isBehind) start()
    },
    async close() {
      closing.abort()
      clearTimeout(timer)
      waiting.clear()
      await running
    },
  }
}

/** A folder comes before what it holds. */
function inOrder(paths: ReadonlySet<StoragePath>): StoragePath[] {
  return [...paths].toSorted((one, other) => (one < other ? -1 : 1))
}
