import { joinPath, type LocalAccess, type StoragePath } from '@filegate/core'
import { eachEntry, type EntriesInFolder, type FolderText, type Tree } from '@filegate/driver-local'
import type { Scope } from '../access/scope.ts'
import type { GlobRequest } from './glob-request.ts'
import { localInherited } from './inherited-level.ts'
import { localRuleTexts, ruleNamesIn } from './rule-texts.ts'
import type { TreeLimits } from './tree-limits.ts'
import { createTreeRules } from './tree-rules.ts'
import { depthBelow, relativePath } from './tree-walk.ts'

/** A search for names in a tree of the local disk. */
export interface GlobPlan {
  readonly request: GlobRequest
  /** Paths are matched relative to this directory. */
  readonly top: StoragePath
  /** Where the walk starts, at or below `top`. */
  readonly start: StoragePath
  /** Counted from `start`. */
  readonly limits: TreeLimits
  /** Undefined where nothing is withheld from the caller. */
  readonly scope: Pick<Scope, 'shows'> | undefined
}

/** Finds what matches among what folders hold, one folder after the other, each after the one that it is in. */
export interface FolderMatcher {
  /** What matches, which `scanned` then counts as looked at, and the folders to go on with. */
  match(folder: StoragePath, text: FolderText, isWhole?: boolean): Matched
  /** Entries that were looked at. */
  readonly scanned: number
  /** There were more than may be looked at. */
  readonly isFull: boolean
}

export interface Matched {
  readonly found: EntriesInFolder
  readonly folders: readonly StoragePath[]
}

export function createFolderMatcher(local: LocalAccess, { reports }: Tree, plan: GlobPlan): FolderMatcher {
  const { top, start, limits, scope } = plan
  const { pattern, maxScanned } = plan.request
  const rules = createTreeRules(start, limits, limits.noIgnore ? undefined : localInherited(local, start))
  let scanned = 0
  let isFull = false

  function learn(folder: StoragePath, text: FolderText, isWhole: boolean): void {
    const names = limits.noIgnore ? undefined : ruleNamesIn(text, isWhole)
    if (names && names.size > 0) rules.learn(folder, localRuleTexts(local, folder, names))
  }

  function isShown(path: StoragePath, kind: 'file' | 'directory'): boolean {
    return reports?.(path, kind) !== false && scope?.shows(path, kind) !== false
  }
  const showsAll = !reports && !scope

  return {
    get scanned() {
      return scanned
    },
    get isFull() {
      return isFull
    },
    match(folder, text, isWhole = true) {
      learn(folder, text, isWhole)
      const folders: StoragePath[] = []
      const relative = relativePath(top, folder)
      const above = relative === '' ? '' : `${relative}/`
      const matches = pattern.within(relative)
      const goesDeeper = (folder === start ? 0 : depthBelow(start, folder)) + 1 < limits.maxDepth
      const places: number[] = []
      eachEntry(text, (name, kind, place) => {
        if (kind === 'link') return
        const isDirectory = kind === 'directory'
        if (!rules.admitsIn(folder, name, isDirectory)) return
        if (!showsAll && !isShown(joinPath(folder, name), kind)) return
        isFull ||= scanned === maxScanned
        if (isFull) return
        scanned++
        if (matches(name)) places.push(place)
        if (isDirectory && goesDeeper && pattern.leads(above + name)) folders.push(joinPath(folder, name))
      })
      return { found: { folder, text, places }, folders }
    },
  }
}
