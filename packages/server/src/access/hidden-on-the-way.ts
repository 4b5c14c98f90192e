import { parentPath, root, type StoragePath } from '@filegate/core'
import type { Scope } from './scope.ts'

/** Whether listings leave out a path, or a folder that it is in. Whoever asks may reach the path. */
export function hiddenOnTheWay(scope: Scope, path: StoragePath): boolean {
  if (scope.unrestricted || path === root) return false
  if (!scope.shows(path, 'file') || !scope.shows(path, 'directory')) return true
  for (let at = parentPath(path); at !== root; at = parentPath(at)) if (!scope.shows(at, 'directory')) return true
  return false
}
