import { type LocalAccess, type StoragePath } from '@filegate/core'
import { type WalkItem, walkLocal } from '@filegate/driver-local'
import type { Scope } from '../access/scope.ts'
import { localInherited } from './inherited-level.ts'
import { localRuleTexts, ruleNamesIn } from './rule-texts.ts'
import { createTreeRules } from './tree-rules.ts'
import { depthBelow, type TreeEntry, type TreeWalk, type TreeWalkOptions } from './tree-walk.ts'

/** Walks a folder of the local disk in slices of some milliseconds. */
export async function* walkLocalTree(
  local: LocalAccess,
  scope: Pick<Scope, 'shows'>,
  top: StoragePath,
  { limits, signal, enter = () => true }: TreeWalkOptions,
): TreeWalk {
  const rules = createTreeRules(top, limits, limits.noIgnore ? undefined : localInherited(local, top))
  const batches = walkLocal(local, top, {
    signal,
    enter: (path) =>
      depthBelow(top, path) < limits.maxDepth &&
      enter(path) &&
      rules.admits(path, true) &&
      scope.shows(path, 'directory'),
    onFolder(folder, text, isWhole) {
      const names = limits.noIgnore ? undefined : ruleNamesIn(text, isWhole)
      if (names && names.size > 0) rules.learn(folder, localRuleTexts(local, folder, names))
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
