import { root, type StoragePath } from '@filegate/core'
import { byCrowd } from './by-crowd.ts'
import { oneAfterAnother } from './one-after-another.ts'
import type { Survey } from './survey.ts'

/** Looks at what seems to have changed: at once where that is soon done, and otherwise beside what is looked at next. */
export interface Looking {
  /** Resolves once what does not take long is entered. */
  at(paths: ReadonlySet<StoragePath>): Promise<void>
  later(paths: ReadonlySet<StoragePath>): void
  /** At everything, later. */
  around(): void
  /** Whether something could not be entered, and everything has to be looked at again. */
  readonly isBehind: boolean
  /** Resolves once all is done that takes long; undefined when nothing does. */
  readonly end: Promise<void> | undefined
}

export interface LookingParts {
  readonly survey: Survey
  readonly reason: string
  /** Nothing is begun after that. */
  readonly signal: AbortSignal
  /** Something could not be entered. */
  readonly failed: (error: unknown) => void
}

/** So many at once may be more than the system told us of, so everything is looked at. */
const overwhelming = 4000

/** Paths that are looked at before everything is. */
const mostBeside = 100

export function createLooking({ survey, failed, ...options }: LookingParts): Looking {
  let isBehind = false
  let willLookAround = false
  /** What takes long, while small changes are followed as they come. */
  const long = oneAfterAnother((work) => attempt(work))

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      if (!options.signal.aborted) await work()
    } catch (error) {
      isBehind = true
      failed(error)
    }
  }

  async function follow(paths: ReadonlySet<StoragePath>): Promise<void> {
    const rest = await survey.paths(inOrder(paths), options)
    if (rest) long.add(rest)
  }

  function around(): void {
    isBehind = false
    if (willLookAround) return
    willLookAround = true
    long.add(() => {
      willLookAround = false
      return survey.tree(root, options)
    })
  }

  return {
    async at(paths) {
      const isTooMuch = paths.size > overwhelming
      if (isTooMuch) around()
      // Changes that are alone in their folder need not wait for that.
      const some = isTooMuch ? new Set(byCrowd([...paths]).slice(0, mostBeside)) : paths
      if (some.size > 0) await attempt(() => follow(some))
    },
    later(paths) {
      if (paths.size > overwhelming) around()
      else long.add(() => follow(paths))
    },
    around,
    get isBehind() {
      return isBehind
    },
    get end() {
      return long.end
    },
  }
}

/** A folder comes before what it holds. */
function inOrder(paths: ReadonlySet<StoragePath>): StoragePath[] {
  return [...paths].toSorted((one, other) => (one < other ? -1 : 1))
}
