import { compileNamePattern } from './name-pattern.ts'
import { matchesPath, type PathPattern, placesAfter } from './path-pattern.ts'

export type Decision = 'ignore' | 'keep'

/** The rules of one `.gitignore`, for everything below the directory it stands in. */
export interface IgnoreRules {
  /** What the last rule that matches says. `path` is relative to the directory; the names on the way are not looked at. */
  decide(path: string, isDirectory: boolean): Decision | undefined
  /** The same rules as a `.gitignore` of a directory further down, which `path` leads to, would have to spell them. */
  below(path: string): string
}

interface Rule {
  readonly decision: Decision
  readonly directoriesOnly: boolean
  /** A rule with a slash is about the path; one without is about the name alone. */
  readonly anchored: boolean
  readonly segments: PathPattern
  readonly texts: readonly string[]
}

/** More than a human would ever write only costs time. */
const mostRules = 10_000
const longestRule = 1024

export function parseIgnoreRules(text: string): IgnoreRules | undefined {
  const lines = text.replace(/^\uFEFF/, '').split('\n', mostRules)
  const rules = lines.flatMap((line) => parseRule(line.replace(/\r$/, '')) ?? [])
  if (rules.length === 0) return undefined
  const lookup = indexRules(rules)
  return {
    decide: (path, isDirectory) => rules[lookup(path, isDirectory)]?.decision,
    below: (path) => rules.flatMap((rule) => ruleBelow(rule, path.split('/'))).join('\n'),
  }
}

function parseRule(line: string): Rule | undefined {
  if (line.startsWith('#') || line.length > longestRule) return undefined
  const negated = line.startsWith('!')
  const written = withoutTrailingSpaces(negated ? line.slice(1) : line)
  const directoriesOnly = written.endsWith('/')
  const path = directoriesOnly ? written.slice(0, -1) : written
  const texts = path.replace(/^\//, '').split('/')
  if (texts.includes('')) return undefined
  const segments = texts.map((text) => (text === '**' ? text : compileNamePattern(text)))
  if (!segments.every((segment) => segment !== undefined)) return undefined
  return { decision: negated ? 'keep' : 'ignore', directoriesOnly, anchored: path.includes('/'), segments, texts }
}

/** A backslash keeps the space behind it. */
function withoutTrailingSpaces(text: string): string {
  const [, kept = text] = /^(.*?(?:\\ )?) *$/.exec(text) ?? []
  return kept
}

/** The number of the last rule that matches, or -1. Most rules are plain names or endings, which a map finds at once. */
function indexRules(rules: readonly Rule[]): (path: string, isDirectory: boolean) => number {
  const names = new Map<string, number[]>()
  const endings = new Map<string, number[]>()
  const others: number[] = []
  rules.forEach((rule, number) => {
    const [text = ''] = rule.texts
    const ending = /^\*(\.[^.*?[\\]+)$/.exec(text)?.[1]
    if (rule.anchored) others.unshift(number)
    else if (!/[*?[\\]/.test(text)) append(names, text, number)
    else if (ending !== undefined) append(endings, ending, number)
    else others.unshift(number)
  })
  return (path, isDirectory) => {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const dot = name.lastIndexOf('.')
    const applies = (number: number): boolean => isDirectory || rules[number]?.directoriesOnly === false
    const plain = names.get(name)?.findLast(applies) ?? -1
    const ended = dot === -1 ? -1 : (endings.get(name.slice(dot))?.findLast(applies) ?? -1)
    const known = Math.max(plain, ended)
    return others.find((number) => number > known && applies(number) && matchesRule(rules[number], path, name)) ?? known
  }
}

function append(map: Map<string, number[]>, key: string, number: number): void {
  const list = map.get(key)
  if (list) list.push(number)
  else map.set(key, [number])
}

function matchesRule(rule: Rule | undefined, path: string, name: string): boolean {
  if (!rule) return false
  return matchesPath(rule.segments, rule.anchored ? path.split('/') : [name])
}

/** What is left of a rule when its path has been gone down; several where `**` leaves it open how far. */
function ruleBelow(rule: Rule, names: readonly string[]): string[] {
  const spelled = (texts: readonly string[], anchor: string): string =>
    `${rule.decision === 'keep' ? '!' : ''}${anchor}${texts.join('/')}${rule.directoriesOnly ? '/' : ''}`
  if (!rule.anchored) return [spelled(rule.texts, '')]
  return [...placesAfter(rule.segments, names)]
    .filter((place) => place < rule.segments.length)
    .map((place) => spelled(rule.texts.slice(place), '/'))
}
