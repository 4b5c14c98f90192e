import { isWithin, type StoragePath } from '@filegate/core'

/**
 * Places between which requests of ours are moving something. Who looks there meanwhile would take for gone, or for new, what is
 * only on its way.
 */
export interface MovesUnderWay {
  /** Begins a move; it is under way until the function that is given back is called. */
  begin(places: readonly StoragePath[]): () => void
  /** Resolves at the end of a move that concerns one of the paths; undefined when there is none. */
  at(paths: Iterable<StoragePath>): Promise<void> | undefined
}

export function createMovesUnderWay(): MovesUnderWay {
  const running = new Map<Promise<void>, readonly StoragePath[]>()
  return {
    begin(places) {
      const { promise, resolve } = Promise.withResolvers<void>()
      running.set(promise, places)
      return () => {
        running.delete(promise)
        resolve()
      }
    },
    at(paths) {
      if (running.size === 0) return undefined
      for (const path of paths) {
        for (const [over, places] of running) if (places.some((place) => isWithin(path, place))) return over
      }
      return undefined
    },
  }
}
