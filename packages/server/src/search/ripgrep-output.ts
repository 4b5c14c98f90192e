import type { LineMatch } from './grep-match.ts'
import type { GrepRequest } from './grep-request.ts'
import { lineText } from './line-text.ts'

interface Line {
  readonly number: number
  /** Offset of the match; -1 in a line of context. */
  readonly column: number
  readonly text: string
}

export interface RipgrepOutput {
  /** Answers whether more is wanted. */
  push(chunk: Buffer): boolean
  /** Call it once after the last chunk. How many files were searched, when ripgrep came to its end. */
  finish(): number | undefined
}

/** Told of each file that has matches; answers whether more are wanted. `path` is what ripgrep printed. */
export type FileListener = (path: Buffer, matches: readonly LineMatch[]) => boolean

const nul = 0
const lineFeed = 0x0a
const carriageReturn = 0x0d
const zero = 0x30
const nine = 0x39
const binaryNotice = Buffer.from(': WARNING: stopped searching binary file after match (found ')

type OutputLimits = Pick<GrepRequest, 'context' | 'maxCount' | 'maxMatches'>

/**
 * Reads what ripgrep prints with the arguments of ours: `path NUL number NUL column NUL text` for a match, `path NUL
 * number-text` for a line around it, then an empty line and figures.
 */
export function readRipgrepOutput(limits: OutputLimits, report: FileListener): RipgrepOutput {
  const files = createFileCollector(limits, report)
  let rest: Buffer = Buffer.alloc(0)
  let inFigures = false

  return {
    push(chunk) {
      const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let start = 0
      while (files.wantsMore() && !inFigures && start < text.length) {
        inFigures = text[start] === lineFeed
        const next = inFigures ? -1 : takeRecord(files, text, start)
        if (next === -1) break
        start = next
      }
      rest = text.subarray(start)
      return files.wantsMore()
    },
    finish() {
      files.endFile()
      const figure = inFigures && /^(\d+) files searched$/m.exec(rest.toString('latin1'))
      return figure ? Number(figure[1]) : undefined
    },
  }
}

/** Takes the record at `start` and answers where the next one begins; -1 when it is not complete. */
function takeRecord(files: FileCollector, text: Buffer, start: number): number {
  const path = files.path()
  const noticeAt = start + path.length
  if (startsWith(text, binaryNotice, noticeAt) && startsWith(text, path, start)) {
    const end = text.indexOf(lineFeed, noticeAt)
    if (end !== -1) files.dropFile()
    return end === -1 ? -1 : end + 1
  }
  const pathEnd = text.indexOf(nul, start)
  const end = pathEnd === -1 ? -1 : text.indexOf(lineFeed, pathEnd)
  if (end === -1) return -1
  if (pathEnd - start !== path.length || !startsWith(text, path, start)) {
    files.beginFile(Buffer.from(text.subarray(start, pathEnd)))
  }
  files.add(lineAt(text, pathEnd + 1, end))
  return end + 1
}

function lineAt(text: Buffer, start: number, end: number): Line {
  const number = numberAt(text, start)
  if (text[number.end] !== nul) return lineOf(number.value, -1, text.subarray(number.end + 1, end))
  const column = numberAt(text, number.end + 1)
  if (text[column.end] === nul) return lineOf(number.value, column.value - 1, text.subarray(column.end + 1, end))
  // Of an empty match at the very end of a file without a last line break it prints no column, and adds that break.
  const last = text.subarray(number.end + 1, text[end - 1] === carriageReturn ? end - 1 : end)
  return lineOf(number.value, last.length, last)
}

const lineOf = (number: number, column: number, text: Buffer): Line => ({ number, column, text: lineText(text) })

interface FileCollector {
  path(): Buffer
  beginFile(path: Buffer): void
  /** It came out to be binary after matches were printed; such files have no lines. */
  dropFile(): void
  endFile(): void
  add(line: Line): void
  wantsMore(): boolean
}

function createFileCollector({ context, maxCount, maxMatches }: OutputLimits, report: FileListener): FileCollector {
  let path: Buffer = Buffer.alloc(0)
  let lines: Line[] = []
  let wanted = true
  /** Counts those that were not reported yet too, so that one file cannot go on for ever. */
  let matches = 0
  let matchesOfFile = 0
  let lastMatch = Number.NEGATIVE_INFINITY

  const endFile = (): void => {
    if (wanted && lines.length > 0 && !report(path, matchesOf(lines, context))) wanted = false
    lines = []
  }

  return {
    path: () => path,
    wantsMore: () => wanted,
    endFile,
    dropFile: () => void (lines = []),
    beginFile(next) {
      endFile()
      path = next
      matchesOfFile = 0
      lastMatch = Number.NEGATIVE_INFINITY
    },
    add(line) {
      // Behind the last match of a file that it was told to find, it still marks those in the lines around.
      const isMatch = line.column >= 0 && ++matchesOfFile <= maxCount
      if (isMatch) matches++
      // One match too many proves that there are more; from then on only the lines behind the last one are of interest.
      if (isMatch && matches <= maxMatches) lastMatch = line.number
      lines.push(isMatch ? line : { ...line, column: -1 })
      if (matches <= maxMatches || line.number < lastMatch + context) return
      endFile()
      wanted = false
    },
  }
}

const startsWith = (text: Buffer, part: Buffer, at: number): boolean =>
  at + part.length <= text.length && text.compare(part, 0, part.length, at, at + part.length) === 0

function numberAt(text: Buffer, start: number): { readonly value: number; readonly end: number } {
  let value = 0
  let end = start
  for (; end < text.length; end++) {
    const digit = text[end] ?? 0
    if (digit < zero || digit > nine) break
    value = 10 * value + digit - zero
  }
  return { value, end }
}

/** Gives each match the lines around it, of which some are matches themselves. */
function matchesOf(lines: readonly Line[], context: number): LineMatch[] {
  return lines.flatMap(({ number, column, text }, place) => {
    if (column < 0) return []
    const before = neighbours(lines, place, -1, context).reverse()
    return [{ line: number, column, text, before, after: neighbours(lines, place, 1, context) }]
  })
}

function neighbours(lines: readonly Line[], place: number, step: 1 | -1, context: number): string[] {
  const texts: string[] = []
  if (context === 0) return texts
  const number = lines[place]?.number ?? 0
  for (let distance = 1; distance <= context; distance++) {
    const line = lines[place + step * distance]
    if (line?.number !== number + step * distance) break
    texts.push(line.text)
  }
  return texts
}
