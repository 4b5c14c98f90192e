import type { StorageDriver, StoragePath } from '@filegate/core'

/** A file to put into the storage before the suite starts. */
export interface SeedFile {
  readonly kind: 'file'
  readonly path: StoragePath
  readonly bytes: Uint8Array
}

/** An empty directory; a harness whose storage keeps none passes over it. */
export interface SeedDirectory {
  readonly kind: 'directory'
  readonly path: StoragePath
}

export type Seed = SeedFile | SeedDirectory

/** How the vendor's side shall misbehave. */
export type Fault =
  /** Answers that there were too many requests; with the seconds to wait, where given. */
  | { readonly kind: 'throttled'; readonly retryAfter?: number | undefined }
  /** Answers that it is out of order for the moment, as HTTP does with 503. */
  | { readonly kind: 'unavailable' }
  /** Sends so many bytes of a body, then breaks the connection. */
  | { readonly kind: 'broken-body'; readonly after: number }
  /** Answers that the access token is not good any more. */
  | { readonly kind: 'expired-token' }

/** A request that reached the vendor's side. */
export interface SeenRequest {
  /** Where in the file the body was asked to start, on reads. */
  readonly offset?: number | undefined
}

/** The vendor's side, as far as the harness can look at it and steer it. Rules that need more than is there are skipped. */
export interface Control {
  /** Bodies, connections or descriptors that are still in use. */
  open?(): number | Promise<number>
  /** The next `times` requests meet the fault; 0 ends what is left of it. A body breaks once for each time. */
  fail?(fault: Fault, times: number): void
  /** The faults that `fail` knows how to cause. */
  readonly faults?: readonly Fault['kind'][] | undefined
  /** The requests since this was last asked. */
  requests?(): readonly SeenRequest[]
  /** How often the connected driver tries a call that fails for a while, the first try included. Default 1. */
  readonly attempts?: number | undefined
}

/** What the suite needs to test a driver. Nothing here asks the driver itself to write, so that a read-only one can be tested. */
export interface Harness {
  /** Puts these into the storage, besides whatever it holds. Called once, before `connect`. */
  seed(seeds: readonly Seed[]): Promise<void>
  /** The driver as its users get it: its errors are StorageErrors. */
  connect(): Promise<StorageDriver>
  /** Releases what the harness started. The driver has been closed before. */
  close?(): Promise<void>
  readonly control?: Control | undefined
  /** How many files stand in the crowded folder. Default 1,100, which is more than a page of most vendors. */
  readonly siblings?: number | undefined
}

/** A rule that does not hold for a driver. */
export interface Exception {
  /** The title of the rule, word for word. */
  readonly test: string
  /** Why it cannot hold, for whoever reads the output. */
  readonly reason: string
}
