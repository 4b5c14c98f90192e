import { parentPath, root, type StoragePath } from '@filegate/core'
import type { AccessLevel, AccountRule } from '../settings.ts'

type Grants = ReadonlyMap<StoragePath, 'read' | 'write'>

const order: readonly AccessLevel[] = ['none', 'index', 'read', 'write']

const higher = (one: AccessLevel, other: AccessLevel): AccessLevel =>
  order.indexOf(one) >= order.indexOf(other) ? one : other

/** What the rules of a caller say of every path. */
export interface Rights {
  /** Whether every path may be read. */
  readonly everywhere: boolean
  readonly level: (path: StoragePath) => AccessLevel
}

/**
 * Within one set of rules the most specific path decides; between the rules of the account and those for everybody, the
 * higher right does. What only leads to an allowed path is `index`.
 */
export function createRights(...sets: readonly AccountRule['paths'][]): Rights {
  const grants = sets.map((paths): Grants => new Map(paths.map(({ path, level }) => [path, level])))
  const passages = new Set(grants.flatMap((set) => [...set.keys()].flatMap(ancestors)))
  const everywhere = grants.some((set) => set.has(root))
  const decide = (path: StoragePath): AccessLevel =>
    grants.map((set) => nearest(set, path)).reduce(higher, passages.has(path) ? 'index' : 'none')
  const onlyRoot = passages.size === 0
  const constant = decide(root)
  return { everywhere, level: onlyRoot ? () => constant : decide }
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
