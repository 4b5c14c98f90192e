import { baseName, joinPath, parentPath, root, type StoragePath } from '@filegate/core'
import { decide, type IgnoreLevel, ruleFiles, type RuleFile } from './ignore-level.ts'
import { parseIgnoreRules } from './ignore-rules.ts'
import type { TreeLimits } from './tree-limits.ts'

/** What the files with rules in a directory say. */
export type RuleTexts = Readonly<Partial<Record<RuleFile, string | undefined>>>

/** Decides, while a tree is walked, what of it a search looks at. */
export interface TreeRules {
  /** What stands in a directory, told before its entries are asked about. */
  learn(directory: StoragePath, texts: RuleTexts): void
  /** Whether a search looks at an entry whose directory it looks at. */
  admits(path: StoragePath, isDirectory: boolean): boolean
  /** The same of the entry `name` of a directory; it costs less. */
  admitsIn(directory: StoragePath, name: string, isDirectory: boolean): boolean
}

/** `inherited`: the rules of the directories above `top`. */
export function createTreeRules(
  top: StoragePath,
  { noIgnore, hidden }: Omit<TreeLimits, 'maxDepth'>,
  inherited: IgnoreLevel | undefined,
): TreeRules {
  const levels = new Map<StoragePath, IgnoreLevel>()
  let lastDirectory: StoragePath | undefined
  let lastLevel: IgnoreLevel | undefined

  /** Neighbours are asked about one after the other. */
  function levelOf(directory: StoragePath): IgnoreLevel | undefined {
    if (directory === lastDirectory) return lastLevel
    lastDirectory = directory
    lastLevel = findLevel(directory)
    return lastLevel
  }

  function findLevel(directory: StoragePath): IgnoreLevel | undefined {
    for (let at = directory; ; at = parentPath(at)) {
      const level = levels.get(at)
      if (level || at === top || at === root) return level ?? inherited
    }
  }

  function admitsIn(directory: StoragePath, name: string, isDirectory: boolean): boolean {
    const isShown = hidden || !name.startsWith('.')
    if (noIgnore) return isShown
    if (name === '.git') return false
    if (levels.size === 0 && !inherited) return isShown
    const decision = decide(levelOf(directory), joinPath(directory, name), isDirectory)
    return decision === undefined ? isShown : decision === 'keep'
  }

  return {
    learn(directory, texts) {
      const parent = directory === top ? inherited : levelOf(parentPath(directory))
      const level = noIgnore ? undefined : levelFrom(directory, texts, parent)
      if (level) levels.set(directory, level)
      lastDirectory = undefined
    },
    admits: (path, isDirectory) => admitsIn(parentPath(path), baseName(path), isDirectory),
    admitsIn,
  }
}

/** Undefined where a directory adds nothing to what its parent says. */
export function levelFrom(
  directory: StoragePath,
  texts: RuleTexts,
  parent: IgnoreLevel | undefined,
): IgnoreLevel | undefined {
  const rules = Object.fromEntries(ruleFiles.map((file) => [file, parseIgnoreRules(texts[file] ?? '')]))
  if (Object.values(rules).every((found) => found === undefined)) return undefined
  return { parent, prefix: directory === root ? 0 : directory.length + 1, rules }
}
