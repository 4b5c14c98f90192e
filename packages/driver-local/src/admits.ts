import type { Entry } from '@filegate/core'
// Not from the index: threads that read folders start in a moment because they load little.
import { isWithin, type StoragePath } from '@filegate/core/path'

/** Whether somebody may reach what stands at `place`, a path without links. */
export type Admits = (place: StoragePath, kind: Entry['kind']) => boolean

/** Admits what stands in one of these places, and the folders that lead there. */
export function admitsWithin(within: readonly StoragePath[]): Admits {
  return (place, kind) =>
    within.some((open) => isWithin(place, open) || (kind === 'directory' && isWithin(open, place)))
}

/** The places that are in both. */
export function withinBoth(
  one: readonly StoragePath[] | undefined,
  other: readonly StoragePath[],
): readonly StoragePath[] {
  if (!one) return other
  const inside = (places: readonly StoragePath[], of: readonly StoragePath[]): StoragePath[] =>
    places.filter((place) => of.some((open) => isWithin(place, open)))
  return [...new Set([...inside(one, other), ...inside(other, one)])]
}
