import { addCheckpoint, type LineIndex, positionBefore } from './line-index.ts'
import { type DescribedFile, scanBackward, scanForward } from './lines-descriptor.ts'
import type { LinesRequest } from './lines-request.ts'
import { createLineScan, type LineSpan, type LineTarget } from './lines-scan.ts'
import { createTailScan, type TailTarget } from './lines-tail.ts'
import type { LineThreads } from './lines-threads.ts'
import { sharedNewlineCounter } from './newlines.ts'

/** What one request may deliver. */
export interface LineLimits {
  readonly lines: number
  readonly bytes: number
}

/** What is known of the file and who can find out more. */
export interface LineKnowledge {
  /** Learns from every scan. */
  readonly index: LineIndex
  readonly threads: LineThreads
  readonly signal: () => AbortSignal
}

/** So much is read without asking a thread: it takes less time than a file of this size takes to be opened. */
const readAtOnce = 512 * 1024
/** Up to this size all lines are counted for the sake of the numbers of the last: that takes a few milliseconds. */
const countedForTail = 16 * 1024 * 1024

/**
 * Finds lines in an open local file. It answers at once where the answer is near, and otherwise as soon as a thread has
 * found it; the descriptor must stay open until then.
 */
export function findLines(
  file: DescribedFile,
  request: LinesRequest,
  limits: LineLimits,
  known: LineKnowledge,
): LineSpan | Promise<LineSpan> {
  const { size } = file
  if (!('tail' in request)) {
    const last = Math.min(request.last, request.first + limits.lines - 1)
    return findRange(file, { first: request.first, last, byteLimit: limits.bytes, size }, known)
  }
  if (size === 0) return { start: 0, end: 0, count: 0, first: 1, total: 0 }
  const tail = findTail(file, { tail: Math.min(request.tail, limits.lines), byteLimit: limits.bytes, size }, known)
  return tail instanceof Promise
    ? tail.then((span) => numbered(file, span, limits, known))
    : numbered(file, tail, limits, known)
}

function findRange(file: DescribedFile, target: LineTarget, known: LineKnowledge): LineSpan | Promise<LineSpan> {
  const { index, threads, signal } = known
  const { first } = target
  if (index.total !== undefined && first > index.total) {
    return { start: file.size, end: file.size, count: 0, first, total: index.total }
  }
  const report = addCheckpoint.bind(undefined, index)
  const scan = createLineScan(target, positionBefore(index, first), { spacing: index.spacing, report })
  const span = scanForward(file, scan, sharedNewlineCounter(), readAtOnce)
  if (span) return learned(index, span)
  const from = positionBefore(index, first)
  const search = { kind: 'range', target, from, spacing: index.spacing } as const
  return threads.find(file, search, signal()).then(({ span, newlines }) => {
    for (const [ordinal, count] of newlines.entries()) {
      addCheckpoint(index, { offset: from.offset + ordinal * index.spacing, newlines: count })
    }
    return learned(index, span)
  })
}

function learned(index: LineIndex, span: LineSpan): LineSpan {
  if (span.total !== undefined) index.total = span.total
  return { ...span, total: index.total }
}

function findTail(
  file: DescribedFile,
  target: TailTarget,
  { threads, signal }: LineKnowledge,
): LineSpan | Promise<LineSpan> {
  const span = scanBackward(file, createTailScan(target), sharedNewlineCounter(), readAtOnce)
  return span ?? threads.find(file, { kind: 'tail', target }, signal()).then((finding) => finding.span)
}

/** The span with the numbers of its lines, if those are known or cheap to find out. */
function numbered(
  file: DescribedFile,
  span: LineSpan,
  limits: LineLimits,
  known: LineKnowledge,
): LineSpan | Promise<LineSpan> {
  const { index } = known
  const withTotal = (total: number | undefined): LineSpan =>
    total === undefined ? span : { ...span, first: total - span.count + 1, total }
  if (span.total !== undefined) index.total = span.total
  if (index.total !== undefined || file.size > countedForTail) return withTotal(index.total)
  const beyond = Number.MAX_SAFE_INTEGER
  const end = findRange(file, { first: beyond, last: beyond, byteLimit: limits.bytes }, known)
  return end instanceof Promise ? end.then(({ total }) => withTotal(total)) : withTotal(end.total)
}
