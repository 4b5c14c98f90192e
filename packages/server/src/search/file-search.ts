import type { FileLimits, LineMatch } from './grep-match.ts'
import { lineEnd, type LineMatcher, lineStart } from './line-matcher.ts'
import { lineText } from './line-text.ts'
import { createTextDecoding } from './text-decoding.ts'

/** Searches one file whose bytes come piece by piece; at no time does it hold more than a piece and a line. */
export interface FileSearch {
  /** Answers whether it wants more. */
  push(bytes: Buffer): boolean
  /** Undefined for a binary file, which has no lines. Call it once, when `push` wants no more or there is no more. */
  finish(): readonly LineMatch[] | undefined
}

/** As ripgrep reads: what comes behind the last match that is wanted is looked at no further than this. */
const blockSize = 64 * 1024

type Growing = LineMatch & { readonly after: string[] }

export function createFileSearch(matcher: LineMatcher, limits: FileLimits): FileSearch {
  const decoding = createTextDecoding()
  const search = createTextSearch(matcher, limits)
  /** The start of a line that is not complete yet. */
  let held: Buffer[] = []
  let binary = false

  function take(text: Buffer): void {
    // NUL is what tells a binary file, as it does for ripgrep and git.
    binary ||= text.includes(0)
    if (binary) return
    const complete = text.lastIndexOf(0x0a) + 1
    if (complete > 0) {
      const lines = text.subarray(0, complete)
      search.block(held.length === 0 ? lines : Buffer.concat([...held, lines]))
      held = []
    }
    // A copy, because whoever pushed the bytes may use their place again.
    if (complete < text.length) held.push(Buffer.from(text.subarray(complete)))
  }

  return {
    push(bytes) {
      const text = decoding.push(bytes)
      for (let at = 0; at < text.length && !binary && !search.done(); at += blockSize) {
        take(text.subarray(at, at + blockSize))
      }
      return !binary && !search.done()
    },
    finish() {
      if (!search.done()) take(decoding.finish())
      if (binary) return undefined
      const rest = Buffer.concat(held)
      if (rest.length > 0 && !search.done()) search.block(rest)
      return search.matches
    },
  }
}

function createTextSearch(matcher: LineMatcher, { context, maxCount }: FileLimits) {
  const matches: Growing[] = []
  /** Matches whose lines behind them are still to come. */
  let growing: Growing[] = []
  /** The last lines of the blocks before, as many as a match may need. */
  let carried: string[] = []
  let linesBefore = 0

  const isFull = (match: Growing): boolean => match.after.length >= context

  /** The lines that follow a match which ended in an earlier block. */
  function grow(text: Buffer, from: number): void {
    for (let at = from; at < text.length && growing.length > 0; at = lineEnd(text, at)) {
      const line = lineText(withoutFeed(text, at, lineEnd(text, at)))
      for (const match of growing) match.after.push(line)
      growing = growing.filter((match) => !isFull(match))
    }
  }

  function before(text: Buffer, start: number): string[] {
    const lines: string[] = []
    for (let end = start; end > 0 && lines.length < context; ) {
      const from = lineStart(text, end - 1)
      lines.unshift(lineText(withoutFeed(text, from, end)))
      end = from
    }
    return lines.length < context ? [...carried.slice(lines.length - context), ...lines] : lines
  }

  function after(text: Buffer, end: number): string[] {
    const lines: string[] = []
    for (let at = end; at < text.length && lines.length < context; at = lineEnd(text, at)) {
      lines.push(lineText(withoutFeed(text, at, lineEnd(text, at))))
    }
    return lines
  }

  return {
    matches,
    done: () => matches.length >= maxCount && growing.length === 0,
    /** Whole lines; only the last block of a file may end without a line feed. */
    block(text: Buffer): void {
      grow(text, 0)
      let line = linesBefore
      let counted = 0
      for (let from = 0; from < text.length && matches.length < maxCount; ) {
        const found = matcher.find(text, from)
        if (found === -1) break
        const start = lineStart(text, found)
        const end = lineEnd(text, found)
        line += countFeeds(text, counted, start)
        counted = start
        const raw = withoutFeed(text, start, end)
        const match: Growing = {
          line: line + 1,
          column: Math.min(matcher.column(raw, raw.length === end - start), lastColumn(raw, end - start)),
          text: lineText(raw),
          before: before(text, start),
          after: after(text, end),
        }
        matches.push(match)
        if (!isFull(match)) growing.push(match)
        from = end
      }
      linesBefore = line + countFeeds(text, counted, text.length)
      if (context > 0) carried = before(text, text.length)
    },
  }
}

const withoutFeed = (text: Buffer, start: number, end: number): Buffer =>
  text.subarray(start, end > start && text[end - 1] === 0x0a ? end - 1 : end)

function countFeeds(text: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf(0x0a, from); at !== -1 && at < to; at = text.indexOf(0x0a, at + 1)) count++
  return count
}

/** A match may lie between the `\r` and the `\n` of a line; it counts as before them, as with ripgrep. */
const lastColumn = (raw: Buffer, whole: number): number =>
  raw.length < whole && raw.at(-1) === 0x0d ? raw.length - 1 : raw.length
