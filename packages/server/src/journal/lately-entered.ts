import type { StoragePath } from '@filegate/core'
import type { Change } from './observation.ts'
import type { Found } from './place.ts'

/** Files of which this process entered what stands there. An etag never comes back, so whoever finds it again need not ask the journal. */
export interface LatelyEntered {
  note(change: Change): void
  has(path: StoragePath, found: Found | undefined): boolean
}

/** Paths that are remembered: at this many, the older half is forgotten. */
const most = 8192

export function createLatelyEntered(): LatelyEntered {
  let etags = new Map<StoragePath, string>()
  let older = new Map<StoragePath, string>()
  return {
    note(change) {
      if (!('path' in change) || change.found?.kind !== 'file' || change.found.etag === null) return
      if (etags.size >= most / 2) {
        older = etags
        etags = new Map()
      }
      etags.set(change.path, change.found.etag)
    },
    has(path, found) {
      if (found?.kind !== 'file' || found.etag === null) return false
      return (etags.get(path) ?? older.get(path)) === found.etag
    },
  }
}
