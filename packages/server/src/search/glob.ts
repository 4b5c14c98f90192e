import { abortedBy, type StoragePath } from '@filegate/core'
import type { ViewContext } from '../views/view.ts'
import { createBestEntries } from './best-entries.ts'
import { describeEntries } from './described-entries.ts'
import type { GlobThreads } from './glob-crew.ts'
import { type Ends, globInThreads } from './glob-in-threads.ts'
import type { GlobRequest } from './glob-request.ts'
import { startOfWalk } from './glob-start.ts'
import { walkLocalTree } from './local-tree-walk.ts'
import { walkStoredTree } from './stored-tree-walk.ts'
import type { TreeLimits } from './tree-limits.ts'
import { depthBelow, relativePath, type TreeEntry, type TreeWalk, type TreeWalkOptions } from './tree-walk.ts'

export type GlobContext = Pick<ViewContext, 'storage' | 'local' | 'scope'> & {
  readonly path: StoragePath
  readonly threads: GlobThreads
}

export interface GlobOutcome {
  readonly entries: readonly TreeEntry[]
  /** Entries that were looked at. */
  readonly scanned: number
  /** There are more, or may be more, which a limit cut off. */
  readonly truncated: boolean
}

/** Finds what matches below a directory: of all that was looked at, the first by the order that was asked for. */
export async function glob(context: GlobContext, request: GlobRequest, signal: AbortSignal): Promise<GlobOutcome> {
  const { local, scope, path: top, threads } = context
  const { pattern } = request
  const time = new AbortController()
  const timer = setTimeout(() => time.abort(), request.timeout)
  const ends = { signal, time: time.signal }
  try {
    const start = await startOfWalk(context, pattern.start, request.noIgnore, AbortSignal.any([signal, time.signal]))
    const skipped = start === undefined || start === top ? 0 : depthBelow(top, start)
    if (start === undefined || skipped >= request.maxDepth) return { entries: [], scanned: 0, truncated: false }
    const { noIgnore, hidden, maxDepth } = request
    const limits = { noIgnore, hidden, maxDepth: maxDepth - skipped }
    if (!local || !scope.unrestrictedBelow(start)) return await globHere(context, start, limits, request, ends)
    const { sort, descending, maxResults, maxScanned } = request
    const plan = { pattern: pattern.source, top, start, limits, sort, descending, maxResults, maxScanned }
    return await globInThreads(threads, local, plan, ends)
  } catch (error) {
    if (signal.aborted) throw abortedBy(signal)
    // Before it could begin.
    if (time.signal.aborted) return { entries: [], scanned: 0, truncated: true }
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** In the calling thread, which can ask the storage and the scope of the caller about everything. */
async function globHere(
  context: GlobContext,
  start: StoragePath,
  limits: TreeLimits,
  request: GlobRequest,
  { signal, time }: Ends,
): Promise<GlobOutcome> {
  const { local, path: top } = context
  const { pattern, sort, maxResults, maxScanned } = request
  const best = createBestEntries(request, maxResults)
  let scanned = 0
  let cut = false
  try {
    const options = { limits, signal: AbortSignal.any([signal, time]) }
    for await (const entries of walkFor(context, start, request, options)) {
      for (const entry of entries) {
        cut = scanned >= maxScanned
        if (cut) break
        scanned++
        if (pattern.matches(relativePath(top, entry.path))) best.add(entry)
      }
      if (cut) break
    }
  } catch (error) {
    if (signal.aborted) throw abortedBy(signal)
    if (!time.aborted) throw error
    cut = true
  }
  const inOrder = best.inOrder()
  const entries = local && sort === 'name' ? await describeEntries(local, inOrder) : inOrder
  return { entries, scanned, truncated: cut || best.count > maxResults }
}

function walkFor(
  { local, storage, scope, path: top }: GlobContext,
  start: StoragePath,
  { pattern, sort }: GlobRequest,
  options: Pick<TreeWalkOptions, 'limits' | 'signal'>,
): TreeWalk {
  const enter = (path: StoragePath): boolean => pattern.leads(relativePath(top, path))
  // Ordered by name, only what is returned in the end has to be looked at more closely.
  const stat = (path: StoragePath): boolean => sort !== 'name' && pattern.matches(relativePath(top, path))
  return local
    ? walkLocalTree(local, scope, start, { ...options, enter, stat })
    : walkStoredTree(storage, start, { ...options, enter, isDeep: pattern.isDeep })
}
