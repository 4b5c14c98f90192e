import { type DirectoryEntry, StorageError } from '@filegate/core'
import { walkLocal } from '@filegate/driver-local'
import type { ViewContext } from '../views/view.ts'

type Looking = Pick<ViewContext, 'local' | 'scope' | 'request'>

/**
 * Counts, for a caller who may not see everything, the entries of directories that this caller may see. Undefined for a
 * directory that cannot be counted: it lies on a backend, where that would cost a request for each, or may not be read.
 */
export function visibleChildren({
  local,
  scope,
  request,
}: Looking): (entry: Pick<DirectoryEntry, 'path'>) => Promise<number | undefined> {
  return async ({ path }) => {
    if (!local) return undefined
    try {
      let count = 0
      for await (const items of walkLocal(local, path, { enter: () => false, signal: request.signal })) {
        for (const item of items) if (scope.shows(item.path, item.kind === 'directory' ? item.kind : 'file')) count++
      }
      return count
    } catch (error) {
      if (StorageError.is(error) && error.code !== 'Aborted') return undefined
      throw error
    }
  }
}
