import { isWithin, parentPath, root, type StoragePath } from '@filegate/core'
import type { AccessLevel, Grant } from '../settings.ts'

type Grants = ReadonlyMap<StoragePath, 'read' | 'write'>

const order: readonly AccessLevel[] = ['none', 'index', 'read', 'write']

const higher = (one: AccessLevel, other: AccessLevel): AccessLevel =>
  order.indexOf(one) >= order.indexOf(other) ? one : other
const lower = (one: AccessLevel, other: AccessLevel): AccessLevel => (higher(one, other) === one ? other : one)

/** What the rules of a caller say of every path. */
export interface Rights {
  /** Whether every path may be read. */
  readonly everywhere: boolean
  readonly level: (path: StoragePath) => AccessLevel
  /** The lowest level of anything at the path or below it. */
  readonly lowest: (path: StoragePath) => AccessLevel
}

/** What rules say of the served folder. */
export function createRights(...sets: readonly (readonly Grant[])[]): Rights {
  return rightsOf(sets.map((paths) => paths.filter(({ backend }) => backend === undefined)))
}

/** What they say of one backend. On a path that is given for it and for all backends, its own rule decides. */
export function backendRights(id: string, ...sets: readonly (readonly Grant[])[]): Rights {
  const of = (paths: readonly Grant[], name: string): Grant[] => paths.filter(({ backend }) => backend === name)
  return rightsOf(sets.map((paths) => [...of(paths, '*'), ...(id === '*' ? [] : of(paths, id))]))
}

/**
 * Within one set of rules the most specific path decides; between the rules of the account and those for everybody, the
 * higher right does. What only leads to an allowed path is `index`.
 */
function rightsOf(sets: readonly (readonly Grant[])[]): Rights {
  const grants = sets.map((paths): Grants => new Map(paths.map(({ path, level }) => [path, level])))
  const passages = new Set(grants.flatMap((set) => [...set.keys()].flatMap(ancestors)))
  const everywhere = grants.some((set) => set.has(root))
  const decide = (path: StoragePath): AccessLevel =>
    grants.map((set) => nearest(set, path)).reduce(higher, passages.has(path) ? 'index' : 'none')
  const onlyRoot = passages.size === 0
  const constant = decide(root)
  // Levels change at the paths of the rules and nowhere else.
  const ruled = grants.flatMap((set) => [...set.keys()])
  const lowest = (path: StoragePath): AccessLevel => {
    const level = ruled.filter((at) => isWithin(at, path)).reduce((found, at) => lower(found, decide(at)), decide(path))
    // What only leads to something allowed holds things that are not.
    return level === 'index' ? 'none' : level
  }
  return { everywhere, level: onlyRoot ? () => constant : decide, lowest }
}

function nearest(grants: Grants, path: StoragePath): AccessLevel {
  for (let at = path; ; at = parentPath(at)) {
    const level = grants.get(at)
    if (level) return level
    if (at === root) return 'none'
  }
}

function ancestors(path: StoragePath): StoragePath[] {
  const found: StoragePath[] = []
  for (let at = path; at !== root; ) {
    at = parentPath(at)
    found.push(at)
  }
  return found
}
