import { type LocalAccess, parentPath, type StoragePath } from '@filegate/core'
import { type WalkItem, walkLocal } from '@filegate/driver-local'
import type { Scope } from '../access/scope.ts'
import { localInherited } from './inherited-level.ts'
import { localRuleTexts, ruleNames } from './rule-texts.ts'
import { createTreeRules, type TreeRules } from './tree-rules.ts'
import { depthBelow, type TreeEntry, type TreeWalk, type TreeWalkOptions } from './tree-walk.ts'

/** What a folder of this many entries holds may be reported in parts, the files with rules last. */
const mayComeInParts = 1024

/** Walks a folder of the local disk in slices of some milliseconds. */
export async function* walkLocalTree(
  local: LocalAccess,
  scope: Pick<Scope, 'shows'>,
  top: StoragePath,
  { limits, signal, enter = () => true, stat = () => false }: TreeWalkOptions,
): TreeWalk {
  const inherited = limits.noIgnore ? undefined : localInherited(local, top)
  const rules = createTreeRules(top, limits, inherited)
  const learn = limits.noIgnore ? () => {} : createLearner(local, rules)
  const mayEnter = (path: StoragePath): boolean =>
    depthBelow(top, path) < limits.maxDepth && enter(path) && rules.admits(path, true) && scope.shows(path, 'directory')

  const batches = walkLocal(local, top, {
    signal,
    enter: mayEnter,
    stat: (path) => {
      learn(path)
      return stat(path)
    },
  })
  for await (const items of batches) {
    const entries: TreeEntry[] = []
    for (const item of items) {
      if (!isEntry(item)) continue
      if (rules.admits(item.path, item.kind === 'directory') && scope.shows(item.path, item.kind)) entries.push(item)
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
function createLearner(local: LocalAccess, rules: TreeRules): (path: StoragePath) => void {
  let folder: string | undefined
  let names: ReadonlySet<string> = new Set()
  let count = 0
  return (path) => {
    const slash = path.lastIndexOf('/')
    const isSame = folder !== undefined && slash === (folder === '' ? -1 : folder.length) && path.startsWith(folder)
    if (!isSame) {
      folder = slash === -1 ? '' : path.slice(0, slash)
      names = new Set()
      count = 0
    }
    const name = path.slice(slash + 1)
    const isFull = ++count === mayComeInParts
    if (!isFull && !ruleNames.has(name)) return
    const directory = parentPath(path)
    names = isFull ? ruleNames : new Set([...names, name])
    rules.learn(directory, localRuleTexts(local, directory, names))
  }
}
