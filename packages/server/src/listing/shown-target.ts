import { posix, relative, sep } from 'node:path'
import { type Entry, type LocalAccess, parentPath, parsePath, StorageError, type StoragePath } from '@filegate/core'
import type { Scope } from '../access/scope.ts'

/**
 * The text of a link, as far as it may be told: null when it names anything outside the root, even on a detour, or
 * something that the caller may not reach. An absolute target tells where the root lies, so it is never told.
 */
export function shownTarget(
  { symlinkTarget, path }: Pick<Entry, 'symlinkTarget' | 'path'>,
  { local, scope }: { readonly local: LocalAccess | undefined; readonly scope: Scope },
): string | null {
  if (symlinkTarget === undefined || /^[\\/]|^[a-z]:/i.test(symlinkTarget)) return null
  const folder = local ? realFolder(local, parentPath(path)) : parentPath(path)
  const target = folder === undefined ? undefined : descend(folder, symlinkTarget)
  return target === undefined || scope.level(target) === 'none' ? null : symlinkTarget
}

/** Where the link really stands, from the root: a link is read from there, whatever path led to it. */
function realFolder(local: LocalAccess, folder: StoragePath): string | undefined {
  try {
    const inside = relative(local.root, local.openDirectory(folder).realPath).split(sep).join(posix.sep)
    return inside.startsWith('..') || posix.isAbsolute(inside) ? undefined : inside
  } catch (error) {
    if (StorageError.is(error)) return undefined
    throw error
  }
}

/** Follows the steps of `target` from `folder`; undefined as soon as one leads above the root. */
function descend(folder: string, target: string): StoragePath | undefined {
  const place = folder === '' ? [] : folder.split('/')
  for (const step of target.split('/')) {
    if (step === '..' && place.pop() === undefined) return undefined
    if (step !== '' && step !== '.' && step !== '..') place.push(step)
  }
  return parsePath(place.join('/'))
}
