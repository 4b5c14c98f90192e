import type { Decision, IgnoreRules } from './ignore-rules.ts'

/** The files with rules, from the one that wins to the one that yields. The first two are ripgrep's own, the others git's. */
export const ruleFiles = ['.rgignore', '.ignore', '.gitignore', '.git/info/exclude'] as const
export type RuleFile = (typeof ruleFiles)[number]

/** A directory on the way to what is being looked at, with the rules that stand in it. */
export interface IgnoreLevel {
  readonly parent: IgnoreLevel | undefined
  /** Length of the path that is cut off to get one relative to this directory. */
  readonly prefix: number
  readonly rules: Readonly<Partial<Record<RuleFile, IgnoreRules | undefined>>>
}

/**
 * What the rules of all levels say of an entry of the innermost one; undefined when they say nothing. Nearer directories
 * win, but only among files of the same kind. As with `rg --no-require-git`, rules count whether or not there is a
 * repository, and a repository inside the tree does not end those from above it.
 */
export function decide(level: IgnoreLevel | undefined, path: string, isDirectory: boolean): Decision | undefined {
  for (const file of ruleFiles) {
    for (let at = level; at; at = at.parent) {
      const decision = at.rules[file]?.decide(path.slice(at.prefix), isDirectory)
      if (decision) return decision
    }
  }
  return undefined
}

/**
 * The rules of all levels for what is below `path`, spelled as one `.gitignore` that stands there; undefined when that
 * cannot be said, because some of them win against whatever git's own rules further down say.
 */
export function inheritedRules(level: IgnoreLevel | undefined, path: string): string | undefined {
  const texts: string[] = []
  // From what wins to what yields; of a file with rules it is the last that wins.
  for (const file of ruleFiles) {
    for (let at = level; at; at = at.parent) {
      const rules = at.rules[file]?.below(path.slice(at.prefix))
      if (rules && !ofGit.has(file)) return undefined
      if (rules) texts.push(rules)
    }
  }
  return texts.reverse().join('\n')
}

const ofGit: ReadonlySet<RuleFile> = new Set(['.gitignore', '.git/info/exclude'])
