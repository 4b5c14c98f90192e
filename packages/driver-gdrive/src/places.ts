import { parsePath, pathOfNames, type StoragePath } from '@filegate/core'
import { type DriveItem, isDangling, isFolder, lying } from './facts.ts'

/** Where items were shown: the vendor tells which item changed, and not where it was. */
export interface Places {
  /** An item was shown in its folder. */
  saw(item: DriveItem): void
  /** What it was shown as counts no more; where it is now is seen anew. */
  left(id: string): void
  /** Where it was shown, which is nowhere if it never was; `undefined` where that cannot be said any more. */
  pathsOf(id: string): readonly StoragePath[] | undefined
  /** Forgets everything, and what it could not say with it. */
  clear(): void
}

interface Place {
  readonly folder: string
  readonly name: string
}

export interface PlacesRules {
  readonly root: string
  /** The shared drive whose changes are told, if it is one. */
  readonly drive: string | undefined
}

/** More than the items of which answers are remembered anywhere. */
const maximum = 50_000
/** Shortcuts lead to one folder on many paths, and in circles. */
const mostPlaces = 8
const mostPaths = 50
const deepest = 60

export function placesOf({ root, drive }: PlacesRules): Places {
  const known = new Map<string, readonly Place[]>()
  let isCertain = true

  function remember(id: string, place: Place): void {
    const places = known.get(id) ?? []
    known.delete(id)
    const isKnown = places.some(({ folder, name }) => folder === place.folder && name === place.name)
    known.set(id, isKnown ? places : [...places, place])
    if (places.length >= mostPlaces && !isKnown) isCertain = false
    const [oldest] = known.keys()
    if (known.size <= maximum || oldest === undefined) return
    known.delete(oldest)
    isCertain = false
  }

  /** The ways up from an item, as names from the root down; throws where there are too many. */
  function ways(id: string, depth: number): readonly (readonly string[])[] {
    if (id === root) return [[]]
    if (depth > deepest) throw new TooMany()
    const found: (readonly string[])[] = []
    for (const { folder, name } of known.get(id) ?? []) {
      for (const way of ways(folder, depth + 1)) found.push([...way, name])
      if (found.length > mostPaths) throw new TooMany()
    }
    return found
  }

  return {
    saw(item) {
      const { id, parents = [] } = lying(item)
      const { name } = item.facts
      const target = isDangling(item) ? item.file.shortcutDetails?.targetId : item.id
      for (const folder of parents) {
        remember(id, { folder, name })
        if (target !== undefined && target !== id) remember(target, { folder, name })
      }
      if (!isTold(item, drive)) isCertain = false
    },
    left: (id) => void known.delete(id),
    pathsOf(id) {
      if (!isCertain) return undefined
      try {
        return ways(id, 0).map((names) => (names.length === 0 ? parsePath('') : pathOfNames(names)))
      } catch (error) {
        if (error instanceof TooMany) return undefined
        throw error
      }
    },
    clear() {
      known.clear()
      isCertain = true
    },
  }
}

/** For what has no log of changes: nothing is remembered. */
export const nowhere: Places = { saw() {}, left() {}, pathsOf: () => undefined, clear() {} }

class TooMany extends Error {}

/** Whether changes of it are told: those of other drives, and of files that only a link leads to, may not be. */
function isTold({ file, shortcut }: DriveItem, drive: string | undefined): boolean {
  if (file.driveId !== drive) return false
  if (!shortcut || drive !== undefined) return true
  return !isFolder(file) && file.owners?.some(({ me }) => me) === true
}
