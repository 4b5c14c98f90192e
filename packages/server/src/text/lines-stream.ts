import { abortable, type ByteRange } from '@filegate/core'
import { addCheckpoint, type LineIndex, positionBefore } from './line-index.ts'
import type { LineLimits } from './lines-local.ts'
import type { LinesRequest } from './lines-request.ts'
import { createLineScan, type LineScan, type LineSpan } from './lines-scan.ts'
import { createTailScan } from './lines-tail.ts'
import { sharedNewlineCounter } from './newlines.ts'

/** A file that can be read from any place, each time at the cost of a request. */
export interface StreamedFile {
  /** Bytes, where known beforehand. */
  readonly size: number | undefined
  open(range: ByteRange | undefined, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
}

export interface StreamedLines {
  readonly span: LineSpan
  /** The first bytes of the span: all of them if they came by while it was looked for and are few enough to be held. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** So much is held in memory, so that a small answer takes no second request. */
const mostHeld = 1024 * 1024
/** Blocks of the search from the end grow from the first to the second size. */
const smallestBlock = 64 * 1024
const growth = 4

/**
 * Finds lines in a file elsewhere: forward in one stream that is left as soon as they are found, from the end in blocks.
 * `index` learns from every forward scan.
 */
export async function findStreamedLines(
  file: StreamedFile,
  request: LinesRequest,
  limits: LineLimits,
  index: LineIndex,
  signal: AbortSignal,
): Promise<StreamedLines> {
  if (!('tail' in request)) {
    const { first } = request
    return readForward(file, { first, last: Math.min(request.last, first + limits.lines - 1) }, limits, index, signal)
  }
  const tail = Math.min(request.tail, limits.lines)
  if (file.size !== undefined) return readBackward({ ...file, size: file.size }, tail, limits, index, signal)
  // Where the end is, is not known before it is reached.
  const beyond = Number.MAX_SAFE_INTEGER
  const { span } = await readForward(file, { first: beyond, last: beyond }, limits, index, signal)
  const total = span.total ?? 0
  return readForward(file, { first: Math.max(1, total - tail + 1), last: Math.max(1, total) }, limits, index, signal)
}

interface LineNumbers {
  readonly first: number
  readonly last: number
}

async function readForward(
  file: StreamedFile,
  { first, last }: LineNumbers,
  limits: LineLimits,
  index: LineIndex,
  signal: AbortSignal,
): Promise<StreamedLines> {
  const from = positionBefore(index, first)
  const target = { first, last, byteLimit: limits.bytes, size: file.size }
  const report = addCheckpoint.bind(undefined, index)
  const scan = createLineScan(target, from, { spacing: index.spacing, report })
  const held = holdFrom(scan)
  const body = await file.open(from.offset > 0 ? { start: from.offset } : undefined, signal)
  let span: LineSpan | undefined
  for await (const chunk of abortable(body, signal)) {
    span = feedChunk(scan, chunk, held.take)
    if (span) break
  }
  span ??= scan.finish()
  if (span.total !== undefined) index.total = span.total
  return { span: { ...span, total: index.total }, bytes: held.bytes(span) }
}

/** Copies a chunk of any length into the counter, piece by piece. Nothing else runs meanwhile, so the counter is free. */
function feedChunk(scan: LineScan, chunk: Uint8Array, take: (piece: Uint8Array, offset: number) => void) {
  const counter = sharedNewlineCounter()
  for (let begin = 0; begin < chunk.length; begin += counter.buffer.length) {
    const piece = chunk.subarray(begin, begin + counter.buffer.length)
    const { offset } = scan
    counter.buffer.set(piece)
    const span = scan.feed(counter, piece.length)
    take(piece, offset)
    if (span) return span
  }
  return undefined
}

/** Keeps copies of the first bytes that the scan has found to belong to its answer. */
function holdFrom(scan: LineScan) {
  const pieces: Uint8Array[] = []
  let size = 0
  return {
    take: (piece: Uint8Array, offset: number): void => {
      if (scan.start === undefined || size >= mostHeld) return
      const kept = piece.slice(Math.max(0, scan.start - offset)).subarray(0, mostHeld - size)
      pieces.push(kept)
      size += kept.length
    },
    bytes: (span: LineSpan): Uint8Array<ArrayBuffer> => joined(pieces).subarray(0, span.end - span.start),
  }
}

async function readBackward(
  file: StreamedFile & { readonly size: number },
  tail: number,
  limits: LineLimits,
  index: LineIndex,
  signal: AbortSignal,
): Promise<StreamedLines> {
  const nothing = { start: 0, end: 0, count: 0, first: 1, total: 0 }
  if (file.size === 0) return { span: nothing, bytes: new Uint8Array() }
  const scan = createTailScan({ tail, byteLimit: limits.bytes, size: file.size })
  const counter = sharedNewlineCounter()
  const held: Uint8Array[] = []
  let length = smallestBlock
  for (;;) {
    const block = scan.wanted(length)
    const bytes = await readBlock(file, block, signal)
    counter.buffer.set(bytes)
    const span = scan.feed(counter, block)
    if (held.length === 0 || file.size - block.start <= mostHeld) held.unshift(bytes)
    else held.splice(0, held.length, bytes)
    if (span) return { span: numbered(span, index), bytes: bytesOf(span, held, block.start) }
    length = Math.min(length * growth, counter.buffer.length)
  }
}

async function readBlock(
  file: StreamedFile,
  { start, end }: { start: number; end: number },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start)
  let filled = 0
  for await (const chunk of abortable(await file.open({ start, end }, signal), signal)) {
    const wanted = chunk.subarray(0, bytes.length - filled)
    bytes.set(wanted, filled)
    filled += wanted.length
    if (filled === bytes.length) break
  }
  return bytes
}

function numbered(span: LineSpan, index: LineIndex): LineSpan {
  if (span.total !== undefined) index.total = span.total
  return index.total === undefined ? span : { ...span, first: index.total - span.count + 1, total: index.total }
}

/** The bytes of the span as far as `held`, which starts at offset `start`, has them. */
function bytesOf(span: LineSpan, held: readonly Uint8Array[], start: number): Uint8Array<ArrayBuffer> {
  return joined(held).subarray(span.start - start, span.end - start)
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.length
  }
  return whole
}
