import { abortedBy, parentPath, type StoragePath } from '@filegate/core'
import { entryText } from '@filegate/driver-local'
import type { ViewContext } from '../views/view.ts'
import type { GlobPlan } from './folder-matcher.ts'
import { createFoundEntries, type Found } from './found-entries.ts'
import { type Ends, type GlobHelp, globLocal } from './glob-local.ts'
import type { GlobRequest } from './glob-request.ts'
import { startOfWalk } from './glob-start.ts'
import { walkStoredTree } from './stored-tree-walk.ts'
import { relativePath, depthBelow } from './tree-walk.ts'

export type GlobContext = Pick<ViewContext, 'storage' | 'local' | 'scope'> &
  GlobHelp & {
    readonly path: StoragePath
  }

export interface GlobOutcome {
  readonly found: Found
  /** Entries that were looked at. */
  readonly scanned: number
  /** There are more, or may be more, which a limit cut off. */
  readonly truncated: boolean
}

/** Finds what matches below a directory: of all that was looked at, the first by the order that was asked for. */
export async function glob(context: GlobContext, request: GlobRequest, signal: AbortSignal): Promise<GlobOutcome> {
  const { local, scope, path: top } = context
  const { pattern } = request
  const time = new AbortController()
  const timer = setTimeout(() => time.abort(), request.timeout)
  const ends = { signal, time: time.signal }
  try {
    const start = await startOfWalk(context, pattern.start, request.noIgnore, AbortSignal.any([signal, time.signal]))
    const skipped = start === undefined || start === top ? 0 : depthBelow(top, start)
    if (start === undefined || skipped >= request.maxDepth) return nothing(request, false)
    const { noIgnore, hidden, maxDepth } = request
    const limits = { noIgnore, hidden, maxDepth: maxDepth - skipped }
    const plan = { request, top, start, limits, scope: scope.unrestrictedBelow(start) ? undefined : scope }
    return await (local ? globLocal(context, local, plan, ends) : globStored(context, plan, ends))
  } catch (error) {
    if (signal.aborted) throw abortedBy(signal)
    // Before it could begin.
    if (time.signal.aborted) return nothing(request, true)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

const nothing = (request: GlobRequest, truncated: boolean): GlobOutcome => ({
  found: createFoundEntries(request, request.maxResults).inOrder(),
  scanned: 0,
  truncated,
})

/** On any storage, which shows the caller nothing that is withheld. */
async function globStored(
  { storage }: GlobContext,
  { request, top, start, limits }: GlobPlan,
  { signal, time }: Ends,
): Promise<GlobOutcome> {
  const { pattern, maxResults, maxScanned } = request
  const best = createFoundEntries(request, maxResults)
  const enter = (path: StoragePath): boolean => pattern.leads(relativePath(top, path))
  const options = { limits, enter, isDeep: pattern.isDeep, signal: AbortSignal.any([signal, time]) }
  let scanned = 0
  let cut = false
  try {
    for await (const entries of walkStoredTree(storage, start, options)) {
      for (const { path, name, kind, size = Number.NaN, modified = Number.NaN } of entries) {
        cut = scanned >= maxScanned
        if (cut) break
        scanned++
        if (!pattern.matches(relativePath(top, path))) continue
        const seen = { sizes: Float64Array.of(size), times: Float64Array.of(modified) }
        best.add({ folder: parentPath(path), text: entryText(kind, name), places: [0] }, seen)
      }
      if (cut) break
    }
  } catch (error) {
    if (signal.aborted) throw abortedBy(signal)
    if (!time.aborted) throw error
    cut = true
  }
  return { found: best.inOrder(), scanned, truncated: cut || best.count > maxResults }
}
