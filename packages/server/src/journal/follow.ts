import type { StoragePath } from '@filegate/core'
import { createAside } from './aside.ts'
import { createLooking } from './looking.ts'
import type { MovesUnderWay } from './moves-under-way.ts'
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

/** Milliseconds until everything is looked at again when what changed could not be entered. */
const again = 5000

/** Why entries are made of what was only seen. */
export const byOthers = 'by another program'

export function createFollow({ survey, underWay, report, pause = 300 }: FollowOptions): Follow {
  let waiting = new Set<StoragePath>()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  const closing = new AbortController()
  const { signal } = closing
  const looking = createLooking({ survey, reason: byOthers, signal, failed })
  const aside = createAside(underWay, (paths) => looking.later(paths))

  function failed(error: unknown): void {
    if (!signal.aborted) report(error)
    start()
  }

  async function work(): Promise<void> {
    const paths = aside.put(waiting)
    waiting = new Set()
    if (looking.isBehind) looking.around()
    else await looking.at(paths)
  }

  function start(): void {
    if (timer || running || signal.aborted) return
    timer = setTimeout(
      () => {
        timer = undefined
        running = work().finally(() => {
          running = undefined
          if (waiting.size > 0 || looking.isBehind) start()
        })
      },
      looking.isBehind ? again : pause,
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
        else if (waiting.size > 0 || (looking.isBehind && !isTried)) {
          isTried = true
          await work()
        } else if (aside.end) await aside.end
        else if (looking.end) await looking.end
        else break
      }
      if (looking.isBehind) start()
    },
    async close() {
      closing.abort()
      clearTimeout(timer)
      waiting.clear()
      await running
      await looking.end
    },
  }
}
