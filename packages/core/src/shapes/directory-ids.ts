import { isWithin, root, type StoragePath } from '../path.ts'

/** Remembers which id a directory has: a bounded number, the least used go first, and none longer than it may. */
export interface DirectoryIds {
  get(path: StoragePath): string | undefined
  set(path: StoragePath, id: string): void
  /** What was removed or moved away, with all below it. */
  forgetWithin(path: StoragePath): void
  /** A path that did not lead where it used to; the fault may lie with any directory above it. */
  forgetAlong(path: StoragePath): void
}

const maximum = 10_000

export function directoryIds(rememberFor: number, now: () => number): DirectoryIds {
  const known = new Map<StoragePath, { readonly id: string; readonly until: number }>()
  return {
    get(path) {
      const found = known.get(path)
      known.delete(path)
      if (!found || found.until <= now()) return undefined
      known.set(path, found)
      return found.id
    },
    set(path, id) {
      known.delete(path)
      known.set(path, { id, until: now() + rememberFor })
      const [oldest] = known.keys()
      if (known.size > maximum && oldest !== undefined) known.delete(oldest)
    },
    forgetWithin(path) {
      for (const at of known.keys()) if (isWithin(at, path)) known.delete(at)
    },
    forgetAlong(path) {
      for (const at of known.keys()) if (at !== root && isWithin(path, at)) known.delete(at)
    },
  }
}
