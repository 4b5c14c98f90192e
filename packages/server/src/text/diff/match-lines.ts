import { increasing } from './increasing.ts'
import { splitPoint, type Steps, stepsFor } from './split-point.ts'

/** Lines as numbers: equal numbers, equal lines. */
export type Lines = Int32Array

/** 1 for each line that has no counterpart. The others pair up in their order. */
export interface Changed {
  readonly before: Uint8Array
  readonly after: Uint8Array
}

/** A piece of both sides. `at` gives the place of each line in the whole. */
interface Piece {
  readonly before: Lines
  readonly beforeAt: Int32Array
  readonly after: Lines
  readonly afterAt: Int32Array
}

/** How often lines that are alone of their kind are looked for, in what lies between those found before. */
const anchorDepth = 2

/**
 * Finds lines that both sides share, in the same order. Lines that only one side has are set aside first; those that each
 * side has once are paired, as far as they are in the same order; in between, the way with the fewest changes is looked
 * for, as long as that does not take too many steps. The time grows with the number of lines only, whatever they are.
 */
export function matchLines(before: Lines, after: Lines, distinct: number): Changed {
  const changed: Changed = {
    before: new Uint8Array(before.length).fill(1),
    after: new Uint8Array(after.length).fill(1),
  }
  const seen = { before: new Int32Array(distinct), after: new Int32Array(distinct) }
  const steps = stepsFor(Math.min(before.length, after.length))
  const pair = (beforeAt: number | undefined, afterAt: number | undefined): void => {
    if (beforeAt === undefined || afterAt === undefined) return
    changed.before[beforeAt] = 0
    changed.after[afterAt] = 0
  }
  alignPiece({ before, beforeAt: places(before), after, afterAt: places(after) }, { seen, steps, pair }, 0)
  return changed
}

interface Matching {
  /** Scratch space by line, all zeros between uses. */
  readonly seen: { readonly before: Int32Array; readonly after: Int32Array }
  readonly steps: Steps
  readonly pair: (beforeAt: number | undefined, afterAt: number | undefined) => void
}

const places = (lines: Lines): Int32Array => Int32Array.from(lines.keys())

function alignPiece(whole: Piece, matching: Matching, depth: number): void {
  const piece = onlyShared(withoutEnds(whole, matching), matching)
  if (piece.before.length === 0 || piece.after.length === 0) return
  const anchors = depth < anchorDepth ? anchorsOf(piece, matching) : []
  if (anchors.length === 0) return alignBySteps(piece, matching)
  let fromBefore = 0
  let fromAfter = 0
  for (const [before, after] of [...anchors, [piece.before.length, piece.after.length] as const]) {
    alignPiece(slice(piece, [fromBefore, before], [fromAfter, after]), matching, depth + 1)
    matching.pair(piece.beforeAt[before], piece.afterAt[after])
    fromBefore = before + 1
    fromAfter = after + 1
  }
}

/** Pairs what both sides begin and end with. */
function withoutEnds(piece: Piece, { pair }: Matching): Piece {
  const { before, beforeAt, after, afterAt } = piece
  let start = 0
  let beforeEnd = before.length
  let afterEnd = after.length
  while (start < beforeEnd && start < afterEnd && before[start] === after[start]) {
    pair(beforeAt[start], afterAt[start])
    start += 1
  }
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd -= 1
    afterEnd -= 1
    pair(beforeAt[beforeEnd], afterAt[afterEnd])
  }
  return slice(piece, [start, beforeEnd], [start, afterEnd])
}

/** A line that the other side of the piece does not have needs no further look. */
function onlyShared({ before, beforeAt, after, afterAt }: Piece, { seen }: Matching): Piece {
  for (const line of before) seen.before[line] = 1
  for (const line of after) seen.after[line] = 1
  const isShared = (line: number): boolean => seen.before[line] === 1 && seen.after[line] === 1
  const keepBefore = before.map((line) => (isShared(line) ? 1 : 0))
  const keepAfter = after.map((line) => (isShared(line) ? 1 : 0))
  const piece = {
    before: before.filter((_, place) => keepBefore[place] === 1),
    beforeAt: beforeAt.filter((_, place) => keepBefore[place] === 1),
    after: after.filter((_, place) => keepAfter[place] === 1),
    afterAt: afterAt.filter((_, place) => keepAfter[place] === 1),
  }
  for (const line of before) seen.before[line] = 0
  for (const line of after) seen.after[line] = 0
  return piece
}

/** Pairs of lines that each side has exactly once, the most that are in the same order on both. */
function anchorsOf({ before, after }: Piece, { seen }: Matching): readonly (readonly [number, number])[] {
  const several = -1
  // Places count from 1 here, because 0 means that a line was not seen.
  const note = (lines: Lines, places: Int32Array): void => {
    for (const [place, line] of lines.entries()) places[line] = places[line] === 0 ? place + 1 : several
  }
  note(before, seen.before)
  note(after, seen.after)
  const pairs: (readonly [number, number])[] = []
  for (const [place, line] of before.entries()) {
    const there = seen.after[line] ?? 0
    if (seen.before[line] === place + 1 && there > 0) pairs.push([place, there - 1])
  }
  for (const line of before) seen.before[line] = 0
  for (const line of after) seen.after[line] = 0
  const inOrder = increasing(Int32Array.from(pairs, ([, place]) => place))
  return inOrder.flatMap((index) => pairs.slice(index, index + 1))
}

/** Divides a piece where the way of the fewest changes passes, and the parts again, until nothing is left to pair. */
function alignBySteps(whole: Piece, matching: Matching): void {
  const waiting = [whole]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const piece = withoutEnds(next, matching)
    const { before, after } = piece
    if (before.length === 0 || after.length === 0) continue
    const [x, y] = splitPoint(before, after, matching.steps)
    waiting.push(slice(piece, [x, before.length], [y, after.length]), slice(piece, [0, x], [0, y]))
  }
}

type Span = readonly [start: number, end: number]

function slice({ before, beforeAt, after, afterAt }: Piece, [b0, b1]: Span, [a0, a1]: Span): Piece {
  return {
    before: before.subarray(b0, b1),
    beforeAt: beforeAt.subarray(b0, b1),
    after: after.subarray(a0, a1),
    afterAt: afterAt.subarray(a0, a1),
  }
}
