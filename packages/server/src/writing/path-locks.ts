import { isWithin, parentPath, root, type StoragePath } from '@filegate/core'

/** What a change needs for itself: an entry, or one with everything below it. */
export interface Held {
  readonly path: StoragePath
  readonly whole: boolean
}

export type Release = () => void

/**
 * Who may change what in the served folder. Paths are those without links on the way. Nobody waits: two changes of one place at the same time
 * were not made with each other in mind, so one of them wins whole and the other is told.
 */
export interface PathLocks {
  /** All of them or none: `undefined` when somebody else holds one. Whoever gets a release calls it once. */
  hold(places: readonly Held[]): Promise<Release | undefined>
}

/** Of one process. It takes as long as the path is deep, however many are held. */
export function createPathLocks(): PathLocks & { tryHold(places: readonly Held[]): Release | undefined } {
  const held = new Map<StoragePath, Held>()
  /** How many are held below a folder. */
  const below = new Map<StoragePath, number>()

  function isBusy({ path, whole }: Held): boolean {
    if (held.has(path) || (whole && below.has(path))) return true
    for (let at = path; at !== root; ) {
      at = parentPath(at)
      if (held.get(at)?.whole) return true
    }
    return false
  }
  function count(path: StoragePath, change: 1 | -1): void {
    for (let at = path; at !== root; ) {
      at = parentPath(at)
      const number = (below.get(at) ?? 0) + change
      if (number === 0) below.delete(at)
      else below.set(at, number)
    }
  }
  function tryHold(places: readonly Held[]): Release | undefined {
    const distinct = withoutOverlap(places)
    if (distinct.some(isBusy)) return undefined
    for (const place of distinct) {
      held.set(place.path, place)
      count(place.path, 1)
    }
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      for (const { path } of distinct) {
        held.delete(path)
        count(path, -1)
      }
    }
  }
  return { tryHold, hold: (places) => Promise.resolve(tryHold(places)) }
}

/** One change may name a place twice, or a place and the folder that holds it. */
function withoutOverlap(places: readonly Held[]): readonly Held[] {
  if (places.length === 1) return places
  return places.filter(
    (place, position) =>
      !places.some(
        (other, otherPosition) =>
          position !== otherPosition &&
          (other.path === place.path
            ? other.whole === place.whole
              ? otherPosition < position
              : other.whole
            : other.whole && isWithin(place.path, other.path)),
      ),
  )
}
