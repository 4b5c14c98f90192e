import { isWithin, parentPath, parsePath, root, type StoragePath } from '@filegate/core'
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

/**
 * What they say of one backend. On a path that is given for it and for all backends, its own rule decides. Many storages take
 * `KEPT` for `kept`, and not all say so: there a rule that gives less holds for its path in any case, one that gives more does
 * not.
 */
export function backendRights(id: string, ...sets: readonly (readonly Grant[])[]): Rights {
  const of = (paths: readonly Grant[], name: string): Grant[] => paths.filter(({ backend }) => backend === name)
  const rules = sets.map((paths) => [...of(paths, '*'), ...(id === '*' ? [] : of(paths, id))])
  return rightsOf(rules, { ignoresCase: true })
}

const folded = (path: StoragePath): StoragePath => parsePath(path.toLowerCase())

/** One set of rules: as they are written, and by folded paths where case may make no difference. */
interface Rules {
  readonly written: Grants
  readonly folded: Grants | undefined
}

function rulesOf(paths: readonly Grant[], ignoresCase: boolean): Rules {
  const written = new Map(paths.map(({ path, level }) => [path, level]))
  if (!ignoresCase) return { written, folded: undefined }
  const inAnyCase = new Map<StoragePath, 'read' | 'write'>()
  for (const [path, level] of written) {
    const known = folded(path)
    if (level === 'read' || !inAnyCase.has(known)) inAnyCase.set(known, level)
  }
  return { written, folded: inAnyCase }
}

/** A rule that is as close when it is taken by the letter decides alone. */
function levelBy(rules: Rules, path: StoragePath): AccessLevel {
  const exact = nearest(rules.written, path)
  const loose = rules.folded && nearest(rules.folded, folded(path))
  return loose && loose.steps < exact.steps ? lower(exact.level, loose.level) : exact.level
}

/**
 * Within one set of rules the most specific path decides; between the rules of the account and those for everybody, the
 * higher right does. What only leads to an allowed path is `index`.
 */
function rightsOf(sets: readonly (readonly Grant[])[], { ignoresCase = false } = {}): Rights {
  const rules = sets.map((paths) => rulesOf(paths, ignoresCase))
  const grants = rules.map(({ written }) => written)
  const passages = new Set(grants.flatMap((set) => [...set.keys()].flatMap(ancestors)))
  const everywhere = grants.some((set) => set.has(root))
  const decide = (path: StoragePath): AccessLevel =>
    rules.map((set) => levelBy(set, path)).reduce(higher, passages.has(path) ? 'index' : 'none')
  const onlyRoot = passages.size === 0
  const constant = decide(root)
  // Levels change at the paths of the rules and nowhere else.
  const ruled = grants.flatMap((set) => [...set.keys()])
  const isBelow = (at: StoragePath, path: StoragePath): boolean =>
    isWithin(at, path) || (ignoresCase && isWithin(folded(at), folded(path)))
  const lowest = (path: StoragePath): AccessLevel => {
    const level = ruled.filter((at) => isBelow(at, path)).reduce((found, at) => lower(found, decide(at)), decide(path))
    // What only leads to something allowed holds things that are not.
    return level === 'index' ? 'none' : level
  }
  return { everywhere, level: onlyRoot ? () => constant : decide, lowest }
}

/** The rule of a path, or of the closest folder above it that has one, and how many steps above that is. */
function nearest(grants: Grants, path: StoragePath): { readonly level: AccessLevel; readonly steps: number } {
  for (let at = path, steps = 0; ; at = parentPath(at), steps += 1) {
    const level = grants.get(at)
    if (level) return { level, steps }
    if (at === root) return { level: 'none', steps: Number.POSITIVE_INFINITY }
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
