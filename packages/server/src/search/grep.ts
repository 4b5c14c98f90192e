import type { LocalAccess, StoragePath } from '@filegate/core'
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
  const program = scope.unrestricted ? await ripgrepProgram() : undefined
  const rules = request.noIgnore ? '' : inheritedRules(localInherited(local, path), path)
  if (program === undefined || rules === undefined) return grepLocalTree(context, local, request, signal)
  const directory = local.openDirectory(path).realPath
  return searchWithRipgrep({ program, path, directory, inheritedRules: rules, request, signal })
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
