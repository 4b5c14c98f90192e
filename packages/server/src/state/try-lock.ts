/** A lock among processes, which ends with the process that holds it at the latest. */
export interface HeldLock {
  release(): Promise<void>
}

/**
 * Takes a lock if nobody holds it, without waiting. `lost` is called when it was held and came away by itself, so that somebody
 * else may hold it now.
 */
export type TryLock = (lost: () => void) => Promise<HeldLock | undefined>
