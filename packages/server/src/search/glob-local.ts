import { abortedBy, type LocalAccess, type StorageError } from '@filegate/core'
import { type KnownFolders, openTree, treeReader } from '@filegate/driver-local'
import { setImmediate } from 'node:timers/promises'
import { createFolderMatcher, type GlobPlan } from './folder-matcher.ts'
import { createFoundEntries } from './found-entries.ts'
import type { GlobOutcome } from './glob.ts'
import { createGlobCrew, type GlobThreads } from './glob-crew.ts'
import { createGlobSearch, type GlobSearch } from './glob-search.ts'

/** Milliseconds of work between two turns of the event loop. */
const sliceTime = 3
/** Milliseconds to look at what has matched once time is up, before one does without. */
const grace = 500

/** The one aborts when the client leaves, the other when time is up. */
export interface Ends {
  readonly signal: AbortSignal
  readonly time: AbortSignal
}

export interface GlobHelp {
  readonly threads: GlobThreads
  readonly known: KnownFolders
}

/**
 * Searches a tree of the local disk. Only the calling thread knows what is searched for. Others read folders for it and
 * look at entries, which is where the time goes; what folders hold is kept for as long as they do not change.
 */
export async function globLocal(
  { threads, known }: GlobHelp,
  local: LocalAccess,
  plan: GlobPlan,
  ends: Ends,
): Promise<GlobOutcome> {
  const { start, request } = plan
  const tree = openTree(local, start)
  const matcher = createFolderMatcher(local, tree, plan)
  const looksFirst = request.sort !== 'name'
  const best = createFoundEntries(request, request.maxResults, looksFirst)
  const bell = createBell(ends)
  const crew = createGlobCrew(threads, tree.task, { onReady: bell.ring, onFailure: bell.fail })
  const parts = { reader: treeReader(tree.task, known), matcher, crew, best, looksFirst, onProgress: bell.ring }
  const search = createGlobSearch(parts)
  try {
    search.enter(start)
    const hasReadAll = await work(search, bell, () => ends.time.aborted || matcher.isFull)
    search.stopReading()
    const hasSeenAll = await work(search, bell, bell.isLate)
    const found = best.inOrder()
    if (!looksFirst) search.look(found.rows, found.order)
    await work(search, bell, bell.isLate)
    const truncated = !hasReadAll || matcher.isFull || !hasSeenAll || best.count > request.maxResults
    return { found, scanned: matcher.scanned, truncated }
  } finally {
    search.stopReading()
    bell.remove()
    crew.release()
  }
}

/** Until nothing is left to do, which it answers with true, or until it is over. */
async function work(search: GlobSearch, bell: Bell, isOver: () => boolean): Promise<boolean> {
  for (;;) {
    bell.throwIfEnded()
    if (isOver()) return false
    if (search.isDone) return true
    search.employ()
    const pause = performance.now() + sliceTime
    // At least a little, however late it is: nobody rings for what is left to this thread.
    const hasWorked = search.step()
    while (performance.now() < pause && search.step()) continue
    await (hasWorked ? setImmediate() : bell.rings())
  }
}

/** Rings when there may be something to do, or no reason to do anything any more. */
interface Bell {
  readonly ring: () => void
  readonly fail: (error: StorageError) => void
  /** Resolves at the next ring, or at once if there was one since the last call. */
  readonly rings: () => Promise<void>
  /** @throws StorageError when the client has left, or a thread has failed. */
  readonly throwIfEnded: () => void
  readonly isLate: () => boolean
  readonly remove: () => void
}

function createBell({ signal, time }: Ends): Bell {
  let next = Promise.withResolvers<void>()
  let failure: StorageError | undefined
  let lateness: NodeJS.Timeout | undefined
  let isLate = false
  const ring = (): void => next.resolve()
  const onTime = (): void => {
    lateness = setTimeout(() => {
      isLate = true
      ring()
    }, grace)
    ring()
  }
  signal.addEventListener('abort', ring, { once: true })
  if (time.aborted) onTime()
  else time.addEventListener('abort', onTime, { once: true })
  return {
    ring,
    fail(error) {
      failure ??= error
      ring()
    },
    async rings() {
      await next.promise
      next = Promise.withResolvers()
    },
    throwIfEnded() {
      if (signal.aborted) throw abortedBy(signal)
      if (failure) throw failure
    },
    isLate: () => isLate,
    remove() {
      signal.removeEventListener('abort', ring)
      time.removeEventListener('abort', onTime)
      clearTimeout(lateness)
    },
  }
}
