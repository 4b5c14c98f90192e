import { joinPath, StorageError, type StoragePath } from '@filegate/core'
import type { GlobContext } from './glob.ts'
import { decide } from './ignore-level.ts'
import { localInherited, storedInherited } from './inherited-level.ts'

/**
 * The directory `start` below `top`, in which alone there can be something; undefined when a walk from `top` would not get
 * there, because it is missing, a link, ignored, or closed to the caller.
 */
export async function startOfWalk(
  context: Pick<GlobContext, 'local' | 'storage' | 'scope' | 'path'>,
  start: string,
  noIgnore: boolean,
  signal: AbortSignal,
): Promise<StoragePath | undefined> {
  let at = context.path
  for (const name of start === '' ? [] : start.split('/')) {
    at = joinPath(at, name)
    if (!(await isOpenDirectory(context, at, signal))) return undefined
    if (!noIgnore && (name === '.git' || (await isIgnored(context, at, signal)))) return undefined
  }
  return at
}

const closed: ReadonlySet<string> = new Set([
  'NotFound',
  'NotADirectory',
  'AccessDenied',
  'Unauthenticated',
  'InvalidPath',
])

async function isOpenDirectory(
  { local, storage, scope }: Pick<GlobContext, 'local' | 'storage' | 'scope'>,
  path: StoragePath,
  signal: AbortSignal,
): Promise<boolean> {
  if (!scope.shows(path, 'directory')) return false
  try {
    const entry = local ? local.stat(path) : await storage.stat(path, { signal })
    return entry.kind === 'directory' && entry.symlinkTarget === undefined
  } catch (error) {
    if (StorageError.is(error) && closed.has(error.code)) return false
    throw error
  }
}

async function isIgnored(
  { local, storage }: Pick<GlobContext, 'local' | 'storage'>,
  path: StoragePath,
  signal: AbortSignal,
): Promise<boolean> {
  const level = local ? localInherited(local, path) : await storedInherited(storage, path, signal)
  return decide(level, path, true) === 'ignore'
}
