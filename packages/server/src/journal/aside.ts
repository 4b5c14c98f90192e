import type { StoragePath } from '@filegate/core'
import type { MovesUnderWay } from './moves-under-way.ts'

/** Paths at which requests of ours are, until these are over. Most often they have entered everything by then. */
export interface Aside {
  /** Gives those back at which no request is. */
  put(paths: ReadonlySet<StoragePath>): ReadonlySet<StoragePath>
  /** Resolves once the requests are over that there are now; undefined when there are none. */
  readonly end: Promise<unknown> | undefined
}

/** @param over is called with what one request was at */
export function createAside(
  underWay: Pick<MovesUnderWay, 'at'>,
  over: (paths: ReadonlySet<StoragePath>) => void,
): Aside {
  const aside = new Map<Promise<void>, Set<StoragePath>>()

  function putOne(path: StoragePath, way: Promise<void>): void {
    const known = aside.get(way)
    if (known) return void known.add(path)
    const paths = new Set([path])
    aside.set(way, paths)
    void way.then(() => {
      aside.delete(way)
      over(paths)
    })
  }

  return {
    put(paths) {
      const free = new Set<StoragePath>()
      for (const path of paths) {
        const way = underWay.at([path])
        if (way) putOne(path, way)
        else free.add(path)
      }
      return free
    },
    get end() {
      return aside.size > 0 ? Promise.all(aside.keys()) : undefined
    },
  }
}
