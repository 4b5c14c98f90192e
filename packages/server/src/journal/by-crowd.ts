import type { StoragePath } from '@filegate/core'
import { parentOf } from './place.ts'

/** Paths that are alone in their folder come before those of which there are many in theirs, and otherwise stay in order. */
export function byCrowd(paths: readonly StoragePath[]): readonly StoragePath[] {
  const folders = Map.groupBy(paths, parentOf)
  return [...folders.values()].toSorted((one, other) => one.length - other.length).flat()
}
