import type { Decision, IgnoreRules } from './ignore-rules.ts'

/** The files with rules, from the one that wins to the one that yields. The first two are ripgrep's own, the others git's. */
export const ruleFiles = ['.rgignore', '.ignore', '.gitignore', '.git/info/exclude'] as const
export type RuleFile = (typeof ruleFiles)[number]

const ofGit: ReadonlySet<RuleFile> = new Set(['.gitignore', '.git/info/exclude'])

/** A directory on the way to what is being looked at, with the rules that stand in it. */
export interface IgnoreLevel {
  readonly parent: IgnoreLevel | undefined
  /** Length of the path that is cut off to get one relative to this directory. */
  readonly prefix: number
  readonly rules: Readonly<Partial<Record<RuleFile, IgnoreRules | undefined>>>
  /** Rules of git from further up end at the top of a repository. */
  readonly repository: boolean
}

/**
 * What the rules of all levels say of an entry of the innermost one; undefined when they say nothing. Nearer directories
 * win, but only among files of the same kind. As with ripgrep, no repository is needed for rules of git to count.
 */
export function decide(level: IgnoreLevel | undefined, path: string, isDirectory: boolean): Decision | undefined {
  for (const file of ruleFiles) {
    for (let at = level; at; at = at.parent) {
      const decision = at.rules[file]?.decide(path.slice(at.prefix), isDirectory)
      if (decision) return decision
      if (at.repository && ofGit.has(file)) break
    }
  }
  return undefined
}

/** The rules of all levels for what is below `path`, spelled as one `.gitignore` that stands there. */
export function inheritedRules(level: IgnoreLevel | undefined, path: string): string {
  const texts: string[] = []
  // From what wins to what yields; the last rule of a file wins.
  for (const file of ruleFiles) {
    for (let at = level; at; at = at.parent) {
      const rules = at.rules[file]?.below(path.slice(at.prefix))
      if (rules) texts.push(rules)
      if (at.repository && ofGit.has(file)) break
    }
  }
  return texts.reverse().join('\n')
}
