import { type Changed, matchLines } from './match-lines.ts'
import { numberLines, splitLines, type SplitText } from './split-lines.ts'

export interface UnifiedOptions {
  /** What stands behind `---` and `+++`. */
  readonly before: string
  readonly after: string
  /** Unchanged lines around changes. Default 3. */
  readonly context?: number | undefined
}

interface Hunk {
  /** Lines, from 0, `end` exclusive. */
  readonly before: readonly [start: number, end: number]
  readonly after: readonly [start: number, end: number]
}

/** The difference of two texts in the unified format of POSIX `diff`, which `patch` takes; empty when there is none. */
export function unifiedDiff(before: Uint8Array, after: Uint8Array, options: UnifiedOptions): Uint8Array<ArrayBuffer> {
  const texts = { before: splitLines(before), after: splitLines(after) }
  const numbers = numberLines(texts.before, texts.after)
  const changed = matchLines(numbers.before, numbers.after, numbers.distinct)
  const hunks = hunksOf(changed, options.context ?? 3)
  if (hunks.length === 0) return new Uint8Array(0)
  const head = Buffer.from(`--- ${options.before}\n+++ ${options.after}\n`)
  const output: Output = { bytes: new Uint8Array(mostPrinted(head, hunks, texts)), end: 0 }
  print(output, head)
  for (const hunk of hunks) printHunk(hunk, texts, changed, output)
  return output.bytes.slice(0, output.end)
}

interface Texts {
  readonly before: SplitText
  readonly after: SplitText
}

/** What is printed, one byte after the other: a piece for each line costs more than all the comparing. */
interface Output {
  readonly bytes: Uint8Array<ArrayBuffer>
  end: number
}

/** Two numbers of lines with two counts, and what stands around them. */
const mostOfRange = 64

/** Bytes at most. What the lines of a hunk have in common counts twice. */
function mostPrinted(head: Uint8Array, hunks: readonly Hunk[], texts: Texts): number {
  const linesOf = ({ starts }: SplitText, [start, end]: Hunk['before']): number =>
    (starts[end] ?? 0) - (starts[start] ?? 0) + end - start
  return hunks.reduce(
    (most, { before, after }) => most + mostOfRange + linesOf(texts.before, before) + linesOf(texts.after, after),
    head.length + 2 * noNewline.length,
  )
}

function print(output: Output, bytes: Uint8Array): void {
  output.bytes.set(bytes, output.end)
  output.end += bytes.length
}

/** Changes that lie so close together that they share lines of context are one hunk. */
function hunksOf({ before, after }: Changed, context: number): Hunk[] {
  const hunks: Hunk[] = []
  let open: { before: [number, number]; after: [number, number] } | undefined
  let x = 0
  let y = 0
  while (x < before.length || y < after.length) {
    if (before[x] !== 1 && after[y] !== 1) {
      x += 1
      y += 1
      continue
    }
    if (open && x - open.before[1] > 2 * context) {
      hunks.push(widened(open, context, before.length, after.length))
      open = undefined
    }
    open ??= { before: [x, x], after: [y, y] }
    while (before[x] === 1) x += 1
    while (after[y] === 1) y += 1
    open.before[1] = x
    open.after[1] = y
  }
  if (open) hunks.push(widened(open, context, before.length, after.length))
  return hunks
}

function widened({ before, after }: Hunk, context: number, beforeCount: number, afterCount: number): Hunk {
  const above = Math.min(context, before[0], after[0])
  const below = Math.min(context, beforeCount - before[1], afterCount - after[1])
  return { before: [before[0] - above, before[1] + below], after: [after[0] - above, after[1] + below] }
}

const signs = { same: 0x20, removed: 0x2d, added: 0x2b }
const noNewline = Buffer.from('\n\\ No newline at end of file\n')

function printHunk({ before: [x0, x1], after: [y0, y1] }: Hunk, texts: Texts, changed: Changed, output: Output): void {
  print(output, Buffer.from(`@@ -${rangeText(x0, x1)} +${rangeText(y0, y1)} @@\n`))
  let x = x0
  let y = y0
  while (x < x1 || y < y1) {
    if (x < x1 && changed.before[x] === 1) printLine(output, signs.removed, texts.before, x++)
    else if (y < y1 && changed.after[y] === 1) printLine(output, signs.added, texts.after, y++)
    else {
      printLine(output, signs.same, texts.before, x++)
      y += 1
    }
  }
}

/** An empty range is that after the line before it, and a count of one goes without saying. */
function rangeText(start: number, end: number): string {
  const count = end - start
  if (count === 1) return String(start + 1)
  return `${count === 0 ? start : start + 1},${count}`
}

/** Bytes from which on a copy by the engine is faster than one by one. */
const longLine = 64

function printLine(output: Output, sign: number, { bytes, starts, count }: SplitText, line: number): void {
  const [start, end] = [starts[line] ?? 0, starts[line + 1] ?? 0]
  const to = output.bytes
  to[output.end++] = sign
  if (end - start >= longLine) print(output, bytes.subarray(start, end))
  else for (let at = start; at < end; at++) to[output.end++] = bytes[at] ?? 0
  if (line === count - 1 && bytes[end - 1] !== 0x0a) print(output, noNewline)
}
