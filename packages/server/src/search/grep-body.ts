import type { StoragePath } from '@filegate/core'
import { bodyOfPieces } from './body-of-pieces.ts'
import type { FileMatch, GrepOutcome } from './grep-outcome.ts'

export interface GrepFacts {
  readonly path: StoragePath
  readonly pattern: string
  /** Milliseconds. */
  readonly duration: number
}

/** The answer in JSON. */
export function grepBody(outcome: GrepOutcome, facts: GrepFacts): string | ReadableStream<Uint8Array> {
  const { matches, filesMatched, filesSearched, truncated } = outcome
  const { path, pattern, duration } = facts
  const rest = {
    path: `/${path}`,
    pattern,
    total_files_matched: filesMatched,
    total_files_searched: filesSearched,
    total_matches: matches.length,
    truncated,
  }
  const items = matches.values().map((match) => JSON.stringify(matchInJson(match)))
  return bodyOfPieces(`{"duration_ms":${duration},"matches":[`, items, `],${JSON.stringify(rest).slice(1)}`)
}

const matchInJson = ({ path, line, column, text, before, after }: FileMatch) => ({
  column_byte: column,
  context_after: after,
  context_before: before,
  line: text,
  line_number: line,
  path,
})
