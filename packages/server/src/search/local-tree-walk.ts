import type { LocalAccess, StoragePath } from '@filegate/core'
import { type WalkItem, walkLocal, type WalkOptions } from '@filegate/driver-local'
import type { Scope } from '../access/scope.ts'
import { localInherited } from './inherited-level.ts'
import { localRuleTexts, ruleNames } from './rule-texts.ts'
import { createTreeRules, type TreeRules } from './tree-rules.ts'
import { depthBelow, type TreeEntry, type TreeWalk, type TreeWalkOptions } from './tree-walk.ts'

/** What a folder of this many entries holds may be reported in parts, the files with rules last. */
const mayComeInParts = 1024

export interface LocalTreeWalkOptions extends TreeWalkOptions, Pick<WalkOptions, 'from' | 'handOver'> {
  /** Made for the same `top`, when they outlive the walk. */
  readonly rules?: TreeRules | undefined
}

/** Walks a folder of the local disk in slices of some milliseconds. */
export async function* walkLocalTree(
  local: LocalAccess,
  scope: Pick<Scope, 'shows'>,
  top: StoragePath,
  options: LocalTreeWalkOptions,
): TreeWalk {
  const { limits, signal, enter = () => true, stat = () => false, from, handOver } = options
  const rules = options.rules ?? createTreeRules(top, limits, limits.noIgnore ? undefined : localInherited(local, top))
  const learn = limits.noIgnore ? () => {} : createLearner(local, rules)
  const mayEnter = (path: StoragePath): boolean =>
    depthBelow(top, path) < limits.maxDepth && enter(path) && rules.admits(path, true) && scope.shows(path, 'directory')

  const batches = walkLocal(local, top, {
    signal,
    from,
    handOver,
    enter: mayEnter,
    stat: (path, _kind, name, folder) => {
      learn(folder, name)
      return stat(path, name)
    },
  })
  for await (const items of batches) {
    const entries: TreeEntry[] = []
    for (const item of items) {
      if (!isEntry(item)) continue
      if (rules.admits(item.path, item.kind === 'directory', item.name) && scope.shows(item.path, item.kind))
        entries.push(item)
    }
    if (entries.length > 0) yield entries
  }
}

type Listed = WalkItem & { readonly kind: TreeEntry['kind'] }

const isEntry = (item: WalkItem): item is Listed => item.kind !== 'link'

/**
 * Tells the rules of each folder in time. The walk asks about every entry of a folder, one folder after the other, before
 * it goes into one of them or reports any, so the names that matter are seen first.
 */
function createLearner(local: LocalAccess, rules: TreeRules): (folder: StoragePath, name: string) => void {
  let last: StoragePath | undefined
  let names: ReadonlySet<string> = new Set()
  let count = 0
  return (folder, name) => {
    if (folder !== last) {
      last = folder
      names = new Set()
      count = 0
    }
    const isFull = ++count === mayComeInParts
    if (!isFull && !(name.startsWith('.') && ruleNames.has(name))) return
    names = isFull ? ruleNames : new Set([...names, name])
    rules.learn(folder, localRuleTexts(local, folder, names))
  }
}
