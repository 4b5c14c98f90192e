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
  /** All matches of a file, by line. Answers whether more are wanted. Matches that are too many are dropped, and the outcome says so. */
  add(path: string, matches: readonly LineMatch[]): boolean
  /** There may be more, for a reason that only the caller knows. */
  cut(): void
  build(filesSearched: number): GrepOutcome
}

interface FileMatches {
  readonly path: string
  readonly matches: readonly FileMatch[]
}

export function createOutcomeBuilder({ maxMatches }: Pick<GrepRequest, 'maxMatches'>): OutcomeBuilder {
  const files: FileMatches[] = []
  let count = 0
  let characters = 0
  let full = false
  let cut = false
  return {
    add(path, found) {
      const matches: FileMatch[] = []
      for (const { line, column, text, before, after } of found) {
        characters += text.length + charactersOf(before) + charactersOf(after)
        full ||= count >= maxMatches || characters > mostCharacters
        if (full) break
        count++
        matches.push({ path, line, column, text, before, after })
      }
      if (matches.length > 0) files.push({ path, matches })
      return !full
    },
    cut: () => void (cut = true),
    build: (filesSearched) => ({
      // The matches of a file come in order; sorting files takes a fraction of the time.
      matches: files.sort(byPath).flatMap(({ matches }) => matches),
      filesMatched: files.length,
      filesSearched: Math.max(filesSearched, files.length),
      truncated: full || cut,
    }),
  }
}

const charactersOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length, 0)

const byPath = (one: FileMatches, other: FileMatches): number =>
  one.path < other.path ? -1 : one.path > other.path ? 1 : 0
