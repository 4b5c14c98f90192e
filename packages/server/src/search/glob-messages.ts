import type { ErrorCode, StoragePath } from '@filegate/core'
import type { EntriesInFolder, FolderReading, SizesAndTimes, TreeTask } from '@filegate/driver-local/tree'

/** What a thread that helps searches for names is told. Each order is answered once, in turn. */
export type GlobOrder =
  /** The tree that is meant from now on; answered with `ready`. */
  | { readonly type: 'begin'; readonly task: TreeTask }
  | { readonly type: 'read'; readonly folders: readonly StoragePath[] }
  | { readonly type: 'look'; readonly groups: readonly EntriesInFolder[] }

export type GlobAnswer =
  | { readonly type: 'ready' }
  | { readonly type: 'read'; readonly readings: readonly FolderReading[] }
  | ({ readonly type: 'looked' } & SizesAndTimes)
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string }
