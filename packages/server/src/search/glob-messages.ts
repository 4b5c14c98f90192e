import type { ErrorCode, StoragePath } from '@filegate/core'
import type { GlobPlan, Learned, ScanCount } from './glob-part.ts'
import type { LocalFolder } from './local-folder.ts'
import type { PackedEntries } from './packed-entries.ts'

/** What a thread that searches for names is told. */
export type GlobOrder =
  /** Answered with `idle`. */
  | { readonly type: 'begin'; readonly folder: LocalFolder; readonly plan: GlobPlan; readonly scanned: ScanCount }
  /** To a thread that is idle; answered with `idle` in the end. */
  | { readonly type: 'walk'; readonly folders: readonly StoragePath[]; readonly learned: readonly Learned[] }
  /** To give away folders that it has not read yet. Not answered when it has none. */
  | { readonly type: 'share' }
  /** To come to the end at once, and say what was found: answered with `found`. */
  | { readonly type: 'finish' }

export type GlobAnswer =
  | { readonly type: 'given'; readonly folders: readonly StoragePath[]; readonly learned: readonly Learned[] }
  /** `complete`: everything it was told to walk has been walked. */
  | { readonly type: 'idle'; readonly complete: boolean; readonly learned: readonly Learned[] }
  /** `count`: how many matched, of which these are the first. */
  | { readonly type: 'found'; readonly count: number; readonly entries: PackedEntries }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string }
