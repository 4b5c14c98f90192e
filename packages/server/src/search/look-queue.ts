import type { EntriesInFolder, SizesAndTimes } from '@filegate/driver-local'

/** Entries of one folder that are to be looked at, and what is then done with them. */
export interface Looking {
  readonly entries: EntriesInFolder
  readonly onLooked: (seen: SizesAndTimes, offset: number) => void
}

/** Entries in an order to look at them. */
const mostInOrder = 512

export interface LookQueue {
  add(looking: Looking): void
  /** As many as one looks at together. */
  take(): readonly Looking[]
  /** Entries that nobody looks at yet. */
  readonly waiting: number
}

export function createLookQueue(): LookQueue {
  const looks: Looking[] = []
  let waiting = 0
  return {
    get waiting() {
      return waiting
    },
    add(looking) {
      looks.push(looking)
      waiting += looking.entries.places.length
    },
    take() {
      const taken: Looking[] = []
      for (let count = 0; count < mostInOrder; ) {
        const looking = looks.pop()
        if (!looking) break
        taken.push(looking)
        count += looking.entries.places.length
        waiting -= looking.entries.places.length
      }
      return taken
    },
  }
}

export function takeLooked(taken: readonly Looking[], seen: SizesAndTimes): void {
  let offset = 0
  for (const { entries, onLooked } of taken) {
    onLooked(seen, offset)
    offset += entries.places.length
  }
}
