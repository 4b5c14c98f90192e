import type { LineMatch } from './grep-match.ts'
import type { GrepRequest } from './grep-request.ts'

export interface FileMatch extends LineMatch {
  readonly path: string
}

export interface GrepOutcome {
  /** By path, then by line. */
  readonly matches: readonly FileMatch[]
  readonly filesMatched: number
  /** Of a truncated search only those are certain to have been searched that this counts. */
  readonly filesSearched: number
  /** There may be more, which `max_matches`, the time or the size of the answer cut off. */
  readonly truncated: boolean
}

/** Characters of lines in one answer. Long lines with much context could otherwise fill gigabytes. */
const mostCharacters = 32 * 1024 * 1024

/** Takes the matches of one file after another until there are enough. */
export interface OutcomeBuilder {
  /** Answers whether more are wanted. Matches that are too many are dropped, and the outcome says so. */
  add(path: string, matches: readonly LineMatch[]): boolean
  /** There may be more, for a reason that only the caller knows. */
  cut(): void
  build(filesSearched: number): GrepOutcome
}

export function createOutcomeBuilder({ maxMatches }: Pick<GrepRequest, 'maxMatches'>): OutcomeBuilder {
  const matches: FileMatch[] = []
  let filesMatched = 0
  let characters = 0
  let full = false
  let cut = false
  return {
    add(path, found) {
      const before = matches.length
      for (const match of found) {
        characters += charactersOf(match)
        full ||= matches.length >= maxMatches || characters > mostCharacters
        if (full) break
        matches.push({ path, ...match })
      }
      if (matches.length > before) filesMatched++
      return !full
    },
    cut: () => void (cut = true),
    build: (filesSearched) => ({
      matches: matches.sort(byPathAndLine),
      filesMatched,
      filesSearched: Math.max(filesSearched, filesMatched),
      truncated: full || cut,
    }),
  }
}

function charactersOf({ text, before, after }: LineMatch): number {
  return [...before, ...after].reduce((sum, line) => sum + line.length, text.length)
}

const byPathAndLine = (one: FileMatch, other: FileMatch): number =>
  one.path < other.path ? -1 : one.path > other.path ? 1 : one.line - other.line
