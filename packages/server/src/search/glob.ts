import { abortedBy, type LocalAccess, StorageError, type StoragePath } from '@filegate/core'
import type { ViewContext } from '../views/view.ts'
import { createBestEntries } from './best-entries.ts'
import type { GlobRequest } from './glob-request.ts'
import { startOfWalk } from './glob-start.ts'
import { walkLocalTree } from './local-tree-walk.ts'
import { walkStoredTree } from './stored-tree-walk.ts'
import { depthBelow, type TreeEntry, type TreeWalk, type TreeWalkOptions } from './tree-walk.ts'

export type GlobContext = Pick<ViewContext, 'storage' | 'local' | 'scope'> & { readonly path: StoragePath }

export interface GlobOutcome {
  readonly entries: readonly TreeEntry[]
  /** Entries that were looked at. */
  readonly scanned: number
  /** There are more, or may be more, which a limit cut off. */
  readonly truncated: boolean
}

/** Finds what matches below a directory: of all that was looked at, the first by the order that was asked for. */
export async function glob(context: GlobContext, request: GlobRequest, signal: AbortSignal): Promise<GlobOutcome> {
  const { pattern, sort, descending, maxResults, maxScanned } = request
  const { local } = context
  const best = createBestEntries(sort, descending, maxResults)
  const time = new AbortController()
  const timer = setTimeout(() => time.abort(), request.timeout)
  let scanned = 0
  let cut = false
  try {
    for await (const entries of walkFor(context, request, AbortSignal.any([signal, time.signal]))) {
      for (const entry of entries) {
        cut = scanned >= maxScanned
        if (cut) break
        scanned++
        if (pattern.matches(relative(context.path, entry.path))) best.add(entry)
      }
      if (cut) break
    }
  } catch (error) {
    if (signal.aborted) throw abortedBy(signal)
    if (!time.signal.aborted) throw error
    cut = true
  } finally {
    clearTimeout(timer)
  }
  const entries = local && sort === 'name' ? described(local, best.inOrder()) : best.inOrder()
  return { entries, scanned, truncated: cut || best.count > maxResults }
}

/** With size and time, which the walk has left out. What is gone meanwhile is shown without. */
function described(local: LocalAccess, entries: readonly TreeEntry[]): TreeEntry[] {
  return entries.map((entry) => {
    try {
      const { modified, ...found } = local.stat(entry.path)
      return { ...entry, modified, size: found.kind === 'file' ? found.size : undefined }
    } catch (error) {
      if (StorageError.is(error)) return entry
      throw error
    }
  })
}

const relative = (top: StoragePath, path: StoragePath): string => (top === '' ? path : path.slice(top.length + 1))

async function* walkFor(context: GlobContext, request: GlobRequest, signal: AbortSignal): TreeWalk {
  const { local, storage, scope, path: top } = context
  const { pattern } = request
  const start = await startOfWalk(context, pattern.start, request.noIgnore, signal)
  const skipped = start === undefined || start === top ? 0 : depthBelow(top, start)
  if (start === undefined || skipped >= request.maxDepth) return
  const options: TreeWalkOptions = {
    limits: { ...request, maxDepth: request.maxDepth - skipped },
    signal,
    enter: (path) => pattern.leads(relative(top, path)),
    // Ordered by name, only what is returned in the end has to be looked at more closely.
    stat: request.sort === 'name' ? undefined : (path) => pattern.matches(relative(top, path)),
  }
  yield* local ? walkLocalTree(local, scope, start, options) : walkStoredTree(storage, start, options)
}
