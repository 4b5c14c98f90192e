import type { LineSpan } from './lines-scan.ts'
import { type NewlineCounter, newline } from './newlines.ts'

export interface TailTarget {
  /** How many lines at the end are wanted, at least 1. */
  readonly tail: number
  /** More bytes than this are not delivered: the span starts with the first line that fits, or cuts a single longer one. */
  readonly byteLimit: number
  /** Bytes of the file. */
  readonly size: number
}

/** Finds the last lines of a file that is fed to it backwards, in blocks it asks for. */
export interface TailScan {
  /** The bytes it needs next, at most `length`, which end where the block before started. */
  wanted(length: number): { readonly start: number; readonly end: number }
  /** Takes the block it wanted, which stands at the start of the counter's buffer; the answer, once known. */
  feed(counter: NewlineCounter, block: { readonly start: number; readonly end: number }): LineSpan | undefined
}

/** Of a file that is not empty. */
export function createTailScan({ tail, byteLimit, size }: TailTarget): TailScan {
  const fits = size <= byteLimit
  // One byte more than may be delivered: it tells whether a line starts right behind it.
  const floor = fits ? 0 : size - byteLimit - 1
  let unread = size
  /** Those that end a line before the last: the newline at the very end is none of them. */
  let newlines = 0
  let firstWholeLine = size

  return {
    wanted: (length) => ({ start: Math.max(floor, unread - length), end: unread }),
    feed(counter, { start, end }) {
      const length = end - start
      const stop = end === size && counter.buffer[length - 1] === newline ? length - 1 : length
      const count = counter.count(0, stop)
      if (newlines + count >= tail) {
        return { start: start + counter.after(0, stop, newlines + count - tail + 1), end: size, count: tail }
      }
      newlines += count
      unread = start
      if (count > 0) firstWholeLine = start + counter.after(0, stop, 1)
      if (start > floor) return undefined
      if (fits) return { start: 0, end: size, count: newlines + 1, first: 1, total: newlines + 1 }
      return firstWholeLine < size
        ? { start: firstWholeLine, end: size, count: newlines }
        : { start: size - byteLimit, end: size, count: 1 }
    },
  }
}
