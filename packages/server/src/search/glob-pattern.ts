import { StorageError } from '@filegate/core'
import { expandBraces } from './expand-braces.ts'
import { compileNamePattern, type NamePattern } from './name-pattern.ts'
import { leadsInto, matchesPath, type PathPattern } from './path-pattern.ts'

/** Matches paths relative to the directory that is searched. */
export interface GlobPattern {
  matches(path: string): boolean
  /** `matches` for what is in this directory, which the pattern leads into: a test of names alone. */
  within(directory: string): (name: string) => boolean
  /** Whether something below this directory can match. */
  leads(directory: string): boolean
  /** Whether what matches can be at any depth. */
  readonly isDeep: boolean
  /** The directory in which everything that matches lies; `''` where that is the searched one. */
  readonly start: string
  /** What it was parsed from, since functions cannot be sent to other threads. */
  readonly source: { readonly text: string; readonly hidden: boolean }
}

const longest = 1024

/** Throws with what is wrong about a pattern. */
export type RefuseGlob = (problem: string) => never

const refuseParameter: RefuseGlob = (problem) => {
  throw new StorageError('InvalidArgument', `Parameter 'glob' has an invalid pattern: ${problem}.`)
}

/**
 * `*` and `?` stay within a name, `**` spans directories, `[...]` and `{one,two}` are alternatives, a backslash takes the
 * meaning away. Names that begin with a dot match only what spells the dot out, unless `hidden`. Extended globs such as
 * `!(a)` have no meaning. The time to match is linear in the path for each of the alternatives, whose number is bounded.
 * @throws StorageError `InvalidArgument` that says what is wrong.
 */
export function parseGlob(text: string, hidden: boolean, refuse = refuseParameter): GlobPattern {
  if (text === '') refuse('it is empty, instead of a pattern such as **/*.ts')
  if (text.length > longest) refuse(`it has ${text.length} characters, at most ${longest} are allowed`)
  if (text.includes('\0') || !text.isWellFormed()) refuse('it contains a character that no name has')
  const alternatives = expandBraces(text) ?? refuse('its braces stand for too many alternatives')
  const written = alternatives.map((alternative) => segmentsOf(alternative, refuse))
  const patterns = written.map((segments) => segments.map((segment) => compileSegment(segment, hidden, refuse)))
  const spans = (name: string): boolean => hidden || !name.startsWith('.')
  const names = onlyNames(patterns)
  const matches = (path: string): boolean => patterns.some((pattern) => matchesPath(pattern, path.split('/'), spans))
  const lasts = patterns.map((pattern) => pattern.at(-1))
  const mayEnd = anyOf(lasts.map((last) => (last === '**' ? () => true : (last ?? (() => false)))))
  return {
    matches: names ? (path) => names(path.slice(path.lastIndexOf('/') + 1)) && (hidden || !leadsHidden(path)) : matches,
    within(directory) {
      const above = directory === '' ? '' : `${directory}/`
      return names ?? ((name) => mayEnd(name) && matches(above + name))
    },
    leads(directory) {
      const parts = directory.split('/')
      return patterns.some((pattern) => leadsInto(pattern, parts, spans))
    },
    isDeep: patterns.some((pattern) => pattern.includes('**')),
    start: commonStart(written),
    source: { text, hidden },
  }
}

function segmentsOf(text: string, refuse: RefuseGlob): readonly string[] {
  const segments = text.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.includes('..')) refuse("it contains a '..' segment, and nothing above the directory is looked at")
  if (segments.length === 0) refuse('it names nothing')
  // `**/**` says no more than `**`.
  return segments.filter((segment, place) => segment !== '**' || segments[place + 1] !== '**')
}

function compileSegment(text: string, hidden: boolean, refuse: RefuseGlob): NamePattern | '**' {
  if (text === '**') return '**'
  const pattern = compileNamePattern(text)
  if (!pattern) return refuse(`${JSON.stringify(text)} has a [ without its ] or ends in a backslash`)
  if (hidden || /^\\?\./.test(text)) return pattern
  return (name) => !name.startsWith('.') && pattern(name)
}

/** `**` and a name is what most patterns are; where those lead, only the name decides. */
function onlyNames(patterns: readonly PathPattern[]): NamePattern | undefined {
  const lasts = patterns.flatMap(([first, last, ...more]) =>
    first === '**' && typeof last === 'function' && more.length === 0 ? [last] : [],
  )
  return lasts.length === patterns.length ? anyOf(lasts) : undefined
}

/** Whether a name with a dot is on the way. */
const leadsHidden = (path: string): boolean => /^\.[^/]*\/|\/\.[^/]*\//.test(path)

function anyOf(tests: readonly NamePattern[]): NamePattern {
  const [first, ...others] = tests
  return first && others.length === 0 ? first : (name) => tests.some((test) => test(name))
}

/** The plain segments that all alternatives begin with, the last segment of each left out: that is what is searched for. */
function commonStart(written: readonly (readonly string[])[]): string {
  const [first = []] = written
  const isCommon = (segment: string, place: number): boolean =>
    !/[*?[\\]/.test(segment) && written.every((segments) => place < segments.length - 1 && segments[place] === segment)
  const end = first.findIndex((segment, place) => !isCommon(segment, place))
  return first.slice(0, end).join('/')
}
