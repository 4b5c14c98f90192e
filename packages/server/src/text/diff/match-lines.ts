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

function places(lines: Lines): Int32Array {
  const found = new Int32Array(lines.length)
  for (let place = 0; place < lines.length; place++) found[place] = place
  return found
}

function alignPiece(whole: Piece, matching: Matching, depth: number): void {
  const piece = onlyShared(withoutEnds(whole, matching), matching)
  const { before, after } = piece
  if (before.length === 0 || after.length === 0) return
  const anchors = depth < anchorDepth ? anchorsOf(piece, matching) : noAnchors
  if (anchors.before.length === 0) return alignBySteps(piece, matching)
  let fromBefore = 0
  let fromAfter = 0
  for (let anchor = 0; anchor <= anchors.before.length; anchor++) {
    const toBefore = anchors.before[anchor] ?? before.length
    const toAfter = anchors.after[anchor] ?? after.length
    // Most anchors stand beside each other.
    if (fromBefore < toBefore && fromAfter < toAfter) {
      alignPiece(slice(piece, [fromBefore, toBefore], [fromAfter, toAfter]), matching, depth + 1)
    }
    matching.pair(piece.beforeAt[toBefore], piece.afterAt[toAfter])
    fromBefore = toBefore + 1
    fromAfter = toAfter + 1
  }
}

const noAnchors: Anchors = { before: new Int32Array(0), after: new Int32Array(0) }

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
function onlyShared(piece: Piece, { seen }: Matching): Piece {
  const { before, beforeAt, after, afterAt } = piece
  mark(seen.before, before, 1)
  mark(seen.after, after, 1)
  const keptBefore = linesIn(before, beforeAt, seen.after)
  const keptAfter = linesIn(after, afterAt, seen.before)
  mark(seen.before, before, 0)
  mark(seen.after, after, 0)
  return {
    before: keptBefore.lines,
    beforeAt: keptBefore.at,
    after: keptAfter.lines,
    afterAt: keptAfter.at,
  }
}

// The loops below go through every line several times; written with iterators they take five times as long.

function mark(seen: Int32Array, lines: Lines, value: 0 | 1): void {
  for (let place = 0; place < lines.length; place++) seen[lines[place] ?? 0] = value
}

/** The lines that are marked, and where they stand. */
function linesIn(lines: Lines, at: Int32Array, seen: Int32Array): { readonly lines: Lines; readonly at: Int32Array } {
  const keptLines = new Int32Array(lines.length)
  const keptAt = new Int32Array(lines.length)
  let count = 0
  for (let place = 0; place < lines.length; place++) {
    const line = lines[place] ?? 0
    if (seen[line] !== 1) continue
    keptLines[count] = line
    keptAt[count++] = at[place] ?? 0
  }
  return count === lines.length ? { lines, at } : { lines: keptLines.subarray(0, count), at: keptAt.subarray(0, count) }
}

/** Places on both sides, pair by pair. */
interface Anchors {
  readonly before: Int32Array
  readonly after: Int32Array
}

/** Pairs of lines that each side has exactly once, the most that are in the same order on both. */
function anchorsOf({ before, after }: Piece, { seen }: Matching): Anchors {
  notePlaces(before, seen.before)
  notePlaces(after, seen.after)
  const pairs = { before: new Int32Array(before.length), after: new Int32Array(before.length) }
  let count = 0
  for (let place = 0; place < before.length; place++) {
    const line = before[place] ?? 0
    const there = seen.after[line] ?? 0
    if (seen.before[line] !== place + 1 || there <= 0) continue
    pairs.before[count] = place
    pairs.after[count++] = there - 1
  }
  mark(seen.before, before, 0)
  mark(seen.after, after, 0)
  const inOrder = increasing(pairs.after.subarray(0, count))
  return {
    before: inOrder.map((pair) => pairs.before[pair] ?? 0),
    after: inOrder.map((pair) => pairs.after[pair] ?? 0),
  }
}

/** Where each line stands, counted from 1 because 0 means that it was not seen. */
function notePlaces(lines: Lines, places: Int32Array): void {
  const several = -1
  for (let place = 0; place < lines.length; place++) {
    const line = lines[place] ?? 0
    places[line] = places[line] === 0 ? place + 1 : several
  }
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
