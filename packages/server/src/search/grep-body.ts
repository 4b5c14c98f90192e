import type { StoragePath } from '@filegate/core'
import type { FileMatch, GrepOutcome } from './grep-outcome.ts'

export interface GrepFacts {
  readonly path: StoragePath
  readonly pattern: string
  /** Milliseconds. */
  readonly duration: number
}

/** A larger answer is written while it is sent, piece by piece, so that others need not wait until it is written. */
const pieceSize = 64 * 1024

/** The answer in JSON. */
export function grepBody(outcome: GrepOutcome, facts: GrepFacts): string | ReadableStream<Uint8Array> {
  const pieces = piecesOfAnswer(outcome, facts)
  const first = pieces.next().value ?? ''
  const second = pieces.next()
  if (second.done) return first
  const encoder = new TextEncoder()
  let waiting: readonly string[] = [first, second.value]
  return new ReadableStream(
    {
      pull(controller) {
        for (const piece of waiting) controller.enqueue(encoder.encode(piece))
        waiting = []
        const next = pieces.next()
        if (next.done) controller.close()
        else controller.enqueue(encoder.encode(next.value))
      },
    },
    { highWaterMark: 0 },
  )
}

function* piecesOfAnswer(outcome: GrepOutcome, { path, pattern, duration }: GrepFacts): Generator<string, void> {
  const { matches, filesMatched, filesSearched, truncated } = outcome
  let piece = `{"duration_ms":${duration},"matches":[`
  let separator = ''
  for (const match of matches) {
    piece += separator + JSON.stringify(matchInJson(match))
    separator = ','
    if (piece.length < pieceSize) continue
    yield piece
    piece = ''
  }
  const rest = {
    path: `/${path}`,
    pattern,
    total_files_matched: filesMatched,
    total_files_searched: filesSearched,
    total_matches: matches.length,
    truncated,
  }
  yield `${piece}],${JSON.stringify(rest).slice(1)}`
}

const matchInJson = ({ path, line, column, text, before, after }: FileMatch) => ({
  column_byte: column,
  context_after: after,
  context_before: before,
  line: text,
  line_number: line,
  path,
})
