import type { ScanPosition } from './line-index.ts'
import { type NewlineCounter, newline } from './newlines.ts'

/**
 * Where some lines of a file stand. A line ends behind its newline; what follows the last newline is a line as well.
 */
export interface LineSpan {
  /** Offsets of the bytes, `end` exclusive. */
  readonly start: number
  readonly end: number
  /** How many lines these are, the last of which may be cut; 0 when the file has none of those asked for. */
  readonly count: number
  /** The number of the first; absent when lines were found from the end and nobody counted those before. */
  readonly first?: number | undefined
  /** Lines of the whole file, when the scan came to know. */
  readonly total?: number | undefined
}

export interface LineTarget {
  /** From 1, inclusive; `last` may be Infinity. */
  readonly first: number
  readonly last: number
  /** More bytes than this are not delivered: the span ends with the last line that fits, or cuts a single longer one. */
  readonly byteLimit: number
  /** Bytes of the file, where known: lines that end there tell its total. */
  readonly size?: number | undefined
}

/** Finds lines in a file that is fed to it in order, in pieces of any length. */
export interface LineScan {
  /** Offset of the next byte it has to be fed. */
  readonly offset: number
  /** Where the first line starts, once that is known. */
  readonly start: number | undefined
  /** Takes the first `length` bytes of the counter's buffer; the answer, once they hold it. */
  feed(counter: NewlineCounter, length: number): LineSpan | undefined
  /** The answer when there are no more bytes. */
  finish(): LineSpan
}

/** `report` is told of every multiple of `spacing` that the scan passes. */
export interface Checkpoints {
  readonly spacing: number
  readonly report: (position: ScanPosition) => void
}

/** Starts at `from`, which must be offset 0 or have fewer than `target.first - 1` newlines before it. */
export function createLineScan(target: LineTarget, from: ScanPosition, checkpoints: Checkpoints): LineScan {
  return new Scan(target, from, checkpoints)
}

/** A class because the scan is a walk of many small steps over the same few numbers. */
class Scan implements LineScan {
  readonly #target: LineTarget
  readonly #checkpoints: Checkpoints
  offset: number
  start: number | undefined
  /** Before `offset`. */
  #newlines: number
  /** Where the last complete line of the answer ends. */
  #wholeLines = 0
  #endsInNewline = true

  constructor(target: LineTarget, from: ScanPosition, checkpoints: Checkpoints) {
    this.#target = target
    this.#checkpoints = checkpoints
    this.offset = from.offset
    this.#newlines = from.newlines
    if (target.first === 1) this.start = 0
  }

  feed(counter: NewlineCounter, length: number): LineSpan | undefined {
    const { spacing, report } = this.#checkpoints
    for (let begin = 0; begin < length; ) {
      const past = this.offset % spacing
      if (past === 0) report({ offset: this.offset, newlines: this.#newlines })
      const end = Math.min(length, begin + spacing - past)
      const span = this.#step(counter, begin, end)
      if (span) return span
      this.offset += end - begin
      this.#endsInNewline = counter.buffer[end - 1] === newline
      begin = end
    }
    return undefined
  }

  #step(counter: NewlineCounter, begin: number, end: number): LineSpan | undefined {
    const { first, last, byteLimit } = this.#target
    let position = begin
    let count = counter.count(begin, end)
    if (this.start === undefined) {
      const before = first - 1 - this.#newlines
      if (count < before) {
        this.#newlines += count
        return undefined
      }
      position = counter.after(begin, end, before)
      this.start = this.offset + position - begin
      this.#newlines += before
      count -= before
    }
    const room = begin + this.start + byteLimit - this.offset
    const stop = Math.min(end, room)
    if (stop < end) count = counter.count(position, stop)
    if (count >= last - this.#newlines) {
      const found = counter.after(position, stop, last - this.#newlines)
      return this.#answer(this.offset + found - begin, last)
    }
    this.#newlines += count
    if (count > 0) this.#wholeLines = this.offset + lastNewline(counter, position, stop) + 1 - begin
    if (stop === end) return undefined
    return this.#wholeLines > this.start
      ? this.#answer(this.#wholeLines, this.#newlines)
      : this.#answer(this.start + byteLimit, first)
  }

  /** The span up to `end`, whose last line is number `last`. */
  #answer(end: number, last: number): LineSpan {
    const { first, size } = this.#target
    const total = end === size ? last : undefined
    return { start: this.start ?? end, end, count: last - first + 1, first, total }
  }

  finish(): LineSpan {
    const { first } = this.#target
    const end = this.offset
    const total = this.#newlines + (end > 0 && !this.#endsInNewline ? 1 : 0)
    if (this.start === undefined || total < first) return { start: end, end, count: 0, first, total }
    return { start: this.start, end, count: total - first + 1, first, total }
  }
}

const lastNewline = ({ buffer }: NewlineCounter, start: number, end: number): number =>
  start + buffer.subarray(start, end).lastIndexOf(newline)
