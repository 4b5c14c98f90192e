import type { StoragePath } from '@filegate/core'
import type { JournalOperation } from './entry.ts'
import type { Found } from './place.ts'

/** What was found at a path. The journal compares it with what it knew, and enters the difference. */
export interface Observation {
  readonly path: StoragePath
  /** Absent: nothing stands there. */
  readonly found?: Found | undefined
  /** Whether the content of what was found is kept. */
  readonly kept?: boolean | undefined
  /** Unix milliseconds. */
  readonly at: number
  /** What a request of ours did, where that says more than the difference. */
  readonly op?: JournalOperation | undefined
  /** Where a copy came from. */
  readonly source?: StoragePath | undefined
  /** Where the copies went. */
  readonly dest?: StoragePath | undefined
  readonly reason?: string | undefined
  /** Nothing stood here before; says why it is entered that what the journal knows of is gone. */
  readonly wasFree?: string | undefined
  /** When a request of ours began that made it so. Unix milliseconds. */
  readonly began?: number | undefined
}

/** Something that stands elsewhere now. What it holds, and what was replaced, is known from before. */
export interface Relocation {
  readonly from: StoragePath
  readonly to: StoragePath
  /** What stands at the new path. */
  readonly found: Found
  readonly at: number
  readonly reason?: string | undefined
}

/** Something happened of which nothing else can be said. */
export interface Gap {
  readonly gap: StoragePath
  readonly at: number
  readonly reason: string
}

/** The digest of a file, found out after the file was entered. It holds for the state of the file with that etag. */
export interface LateDigest {
  readonly digested: StoragePath
  readonly etag: string
  readonly hash: string
}

export type Change = Observation | Relocation | Gap | LateDigest
