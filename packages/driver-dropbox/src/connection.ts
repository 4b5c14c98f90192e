import type { Clock, Log, Operation, StoragePath } from '@filegate/core'
import type { Committer } from './committer.ts'
import type { WalkMemory } from './walk-memory.ts'
import type { DropboxOptions } from './options.ts'
import type { Vendor } from './vendor.ts'

/** An account, and how its paths are those of the storage. */
export interface Connection {
  readonly vendor: Vendor
  readonly options: DropboxOptions
  readonly log: Log
  readonly places: Places
  readonly committer: Committer
  readonly clock: Clock
  readonly walks: WalkMemory
}

export interface Places {
  /** The path as the vendor writes it: with a slash at its start, or empty for the root. */
  of(path: StoragePath, options: Operation): Promise<string>
  /** For what is changed. @throws StorageError where nothing can be */
  toChange(path: StoragePath, options: Operation): Promise<string>
}

/** The account as it is. */
export const wholeAccount: Places = {
  of: async (path) => (path === '' ? '' : `/${path}`),
  toChange: async (path) => `/${path}`,
}

/** What ends a call of the library. */
export const until = (signal: AbortSignal | undefined): { readonly signal?: AbortSignal } => (signal ? { signal } : {})
