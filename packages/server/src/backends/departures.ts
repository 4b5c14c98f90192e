import type { LiveDriver } from './live-driver.ts'

/** Connections that are no longer wanted. Each ends after its last use. */
export interface Departures {
  add(live: Promise<LiveDriver>): void
  /** Ends all of them now, and those that are still to come as they come. */
  close(): Promise<void>
}

export function createDepartures(): Departures {
  const leaving = new Map<Promise<LiveDriver>, Promise<void>>()
  let isClosed = false

  async function released(live: Promise<LiveDriver>): Promise<void> {
    try {
      const driver = await live
      await (isClosed ? driver.close() : driver.retire())
    } catch {
      // What did not connect has nothing to release; those who waited for it were told why.
    } finally {
      leaving.delete(live)
    }
  }
  return {
    add: (live) => void leaving.set(live, released(live)),
    async close() {
      isClosed = true
      const ends = [...leaving.values()]
      for (const live of leaving.keys()) {
        void live.then(
          (driver) => driver.close(),
          () => {},
        )
      }
      await Promise.all(ends)
    },
  }
}
