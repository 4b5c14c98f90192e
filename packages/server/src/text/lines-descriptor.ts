import { readSync } from 'node:fs'
import type { LineScan, LineSpan } from './lines-scan.ts'
import type { TailScan } from './lines-tail.ts'
import type { NewlineCounter } from './newlines.ts'

/** A file that is open, and how many of its bytes count: what is appended meanwhile does not. */
export interface DescribedFile {
  readonly descriptor: number
  readonly size: number
}

/** One read is never shorter than this, unless the file ends. */
const smallestRead = 64 * 1024

/**
 * Feeds a scan with the next bytes of the file, about `budget` of them, straight into the counter's memory. Reads grow
 * from small to as much as the buffer holds, because most answers are near.
 * @returns the answer, or undefined when the budget is used up before it is found.
 */
export function scanForward(
  { descriptor, size }: DescribedFile,
  scan: LineScan,
  counter: NewlineCounter,
  budget: number,
): LineSpan | undefined {
  const limit = scan.offset + budget
  let length = Math.min(smallestRead, counter.buffer.length)
  while (scan.offset < limit) {
    const count = readSync(descriptor, counter.buffer, 0, Math.min(length, size - scan.offset), scan.offset)
    const span = count === 0 ? scan.finish() : scan.feed(counter, count)
    if (span) return span
    length = Math.min(length * 2, counter.buffer.length)
  }
  return undefined
}

/** The same from the end of the file backwards. */
export function scanBackward(
  file: DescribedFile,
  scan: TailScan,
  counter: NewlineCounter,
  budget: number,
): LineSpan | undefined {
  let left = budget
  let length = Math.min(smallestRead, counter.buffer.length)
  while (left > 0) {
    const block = scan.wanted(length)
    readWhole(file.descriptor, counter.buffer, block)
    const span = scan.feed(counter, block)
    if (span) return span
    left -= block.end - block.start
    length = Math.min(length * 2, counter.buffer.length)
  }
  return undefined
}

/** Fills the start of `buffer` with bytes of the file. Those of a file that became shorter meanwhile read as NUL. */
function readWhole(descriptor: number, buffer: Buffer, { start, end }: { start: number; end: number }): void {
  let filled = 0
  while (filled < end - start) {
    const count = readSync(descriptor, buffer, filled, end - start - filled, start + filled)
    if (count === 0) {
      buffer.fill(0, filled, end - start)
      return
    }
    filled += count
  }
}
