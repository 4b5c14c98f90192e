import { abortedBy, type LocalAccess } from '@filegate/core'
import { mergeEntries } from './best-entries.ts'
import { describeEntries } from './described-entries.ts'
import type { GlobOutcome } from './glob.ts'
import { createGlobCrew, type GlobThreads } from './glob-crew.ts'
import { createGlobPart, type GlobPlan, newScanCount } from './glob-part.ts'
import { unpackEntries } from './packed-entries.ts'

/** Milliseconds before threads are started: small trees are searched by then. */
const headStart = 10
/** Milliseconds that threads have to say what they found once time is up, before one does without. */
const grace = 500

/** The one aborts when the client leaves, the other when time is up. */
export interface Ends {
  readonly signal: AbortSignal
  readonly time: AbortSignal
}

/**
 * Searches a tree of the local disk of which nothing is withheld from the caller. Threads walk it; the calling thread
 * walks until they have started, and puts together what they find.
 */
export async function globInThreads(
  threads: GlobThreads,
  local: LocalAccess,
  plan: GlobPlan,
  { signal, time }: Ends,
): Promise<GlobOutcome> {
  if (signal.aborted) throw abortedBy(signal)
  const scanned = newScanCount()
  const crew = createGlobCrew(threads, local, plan, scanned)
  const part = createGlobPart(local, plan, scanned)
  const begun = performance.now()
  const handOver = {
    wants: (waiting: number) => (crew.isReady(performance.now() - begun > headStart) ? waiting : 0),
    take: (folders: Parameters<typeof crew.walk>[0]) => crew.walk(folders, part.takeLearned()),
  }
  // Those that wait are told now, so that they are ready when there is something to hand over.
  crew.isReady(false)
  const [left, over, late] = [moment(signal), moment(time), moment(time, grace)]
  try {
    const walkedHere = await part.walk({ signal: AbortSignal.any([signal, time]), handOver })
    const walkedThere = await Promise.race([crew.done(), left.promise, over.promise])
    if (signal.aborted) throw abortedBy(signal)
    const found = await crew.collect(Promise.race([left.promise, late.promise]))
    if (signal.aborted) throw abortedBy(signal)
    const inOrder = part.best.inOrder()
    const here = plan.sort === 'name' ? await describeEntries(local, inOrder) : inOrder
    const matched = found.reduce((sum, { count }) => sum + count, part.best.count)
    return {
      entries: mergeEntries([here, ...found.map(({ entries }) => unpackEntries(entries))], plan, plan.maxResults),
      scanned: Math.min(Atomics.load(scanned, 0), plan.maxScanned),
      truncated: !walkedHere || !walkedThere || matched > plan.maxResults,
    }
  } finally {
    crew.release()
    for (const { forget } of [left, over, late]) forget()
  }
}

/** A promise that resolves when a signal aborts, or so much later. */
function moment(signal: AbortSignal, delay = 0): { readonly promise: Promise<void>; readonly forget: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | undefined
  const come = (): void => {
    if (delay === 0) resolve()
    else timer = setTimeout(resolve, delay)
  }
  if (signal.aborted) come()
  else signal.addEventListener('abort', come, { once: true })
  return {
    promise,
    forget() {
      signal.removeEventListener('abort', come)
      clearTimeout(timer)
    },
  }
}
