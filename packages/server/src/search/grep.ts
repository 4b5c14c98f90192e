import { isWithin, type LocalAccess, type StoragePath } from '@filegate/core'
import { lendDirectory, type LentDirectory } from '@filegate/driver-local'
import type { ViewContext } from '../views/view.ts'
import type { GrepOutcome } from './grep-outcome.ts'
import type { GrepRequest } from './grep-request.ts'
import type { GrepThreads } from './grep-threads.ts'
import { inheritedRules } from './ignore-level.ts'
import { localInherited } from './inherited-level.ts'
import { walkLocalTree } from './local-tree-walk.ts'
import { searchWithRipgrep } from './ripgrep.ts'
import { ripgrepProgram } from './ripgrep-program.ts'
import { walkStoredTree } from './stored-tree-walk.ts'
import { filesOf, pathsOf, searchWithThreads } from './thread-grep.ts'

export type GrepContext = Pick<ViewContext, 'source' | 'storage' | 'local' | 'scope'> & {
  readonly path: StoragePath
  readonly threads: GrepThreads
}

/**
 * Searches a file or a tree. ripgrep does it where it can: in a directory of the local disk of which nothing is withheld
 * from the caller. Everywhere else threads of our own do, which find the same.
 */
export async function grep(context: GrepContext, request: GrepRequest, signal: AbortSignal): Promise<GrepOutcome> {
  const { source, storage, local, scope, path, threads } = context
  if (source.entry.kind === 'file') return grepFile(context, request, signal)
  if (!local) {
    const files = (stop: AbortSignal) => filesOf(walkStoredTree(storage, path, { limits: request, signal: stop }))
    return searchWithThreads(threads, { storage, files }, request, signal)
  }
  const program = scope.unrestrictedBelow(path) ? await ripgrepProgram() : undefined
  const rules = request.noIgnore ? '' : inheritedRules(localInherited(local, path), path)
  const lent = program === undefined || rules === undefined ? undefined : lendWhole(local, path)
  if (program === undefined || rules === undefined || !lent) return grepLocalTree(context, local, request, signal)
  try {
    const search = { program, path, directory: lent.workingDirectory, inheritedRules: rules, request, signal }
    return await searchWithRipgrep(search)
  } finally {
    lent.close()
  }
}

/**
 * Lends a directory that may be reached with all it holds. A link can lead to one that only is on the way to what may be
 * reached, or out of the folder that is served, from where there may be a way back in.
 */
function lendWhole(local: LocalAccess, path: StoragePath): LentDirectory | undefined {
  const lent = lendDirectory(local, path)
  const { within } = local
  const { place } = lent
  if (!within || (place !== undefined && within.some((open) => isWithin(place, open)))) return lent
  lent.close()
  return undefined
}

function grepLocalTree(
  { scope, path, threads }: GrepContext,
  local: LocalAccess,
  request: GrepRequest,
  signal: AbortSignal,
): Promise<GrepOutcome> {
  const readable = (file: StoragePath): boolean => ['read', 'write'].includes(scope.level(file))
  const files = (stop: AbortSignal) =>
    pathsOf(walkLocalTree(local, scope, path, { limits: request, signal: stop }), readable)
  return searchWithThreads(threads, { local, files }, request, signal)
}

/** The one file is searched whatever rules say; its bytes come from the source, which may be an older revision. */
async function grepFile(
  { source, path, threads }: GrepContext,
  request: GrepRequest,
  signal: AbortSignal,
): Promise<GrepOutcome> {
  const size = source.entry.kind === 'file' ? source.entry.size : undefined
  const files = async function* () {
    yield { path, size }
  }
  const storage = {
    read: (_: StoragePath, options?: { readonly signal?: AbortSignal | undefined }) => source.open(options),
  }
  return searchWithThreads(threads, { storage, files }, request, signal)
}
