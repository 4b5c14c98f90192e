import type { StoragePath } from '@filegate/core'

/** How folders are called, by the path that the vendor gives them in lower case. */
export type FolderNames = Map<string, StoragePath>

/** What a walk has learnt of folders up to one page, for those that follow. */
export interface WalkMemory {
  /** @param cursor that the vendor gave with the page before; empty for the first page */
  recall(cursor: string): FolderNames
  keep(cursor: string, names: FolderNames): void
  /** At the end of the walk. */
  drop(names: FolderNames): void
}

/** Pages after which a walk may go on with what it knows; of others the vendor's own spelling has to do. */
const mostPages = 64

export function walkMemory(): WalkMemory {
  const pages = new Map<string, FolderNames>()
  return {
    recall: (cursor) => pages.get(cursor) ?? new Map(),
    keep(cursor, names) {
      pages.set(cursor, names)
      const [oldest] = pages.keys()
      if (pages.size > mostPages && oldest !== undefined) pages.delete(oldest)
    },
    drop(names) {
      for (const [cursor, kept] of pages) if (kept === names) pages.delete(cursor)
    },
  }
}
