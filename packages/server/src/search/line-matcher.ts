import { createLineScanner } from './line-scanner.ts'
import type { SearchPattern } from './parse-pattern.ts'
import { requiredText } from './pattern.ts'

const lineFeed = 0x0a

/** Finds the lines of a text that a pattern matches. */
export interface LineMatcher {
  /** A position in the first matching line from `from` on, which is the start of a line; -1 when there is none. */
  find(text: Buffer, from: number): number
  /** The offset of the leftmost match in a line that `find` found, given without its line feed if it has one. */
  column(line: Buffer, isUnfinished: boolean): number
}

/** Most patterns contain some text. Looking for that first is many times faster than trying the pattern everywhere. */
export function createLineMatcher(pattern: SearchPattern): LineMatcher {
  const { text, exact } = requiredText(pattern.tree)
  const needle = Buffer.from(text)
  if (exact) return { find: (bytes, from) => bytes.indexOf(needle, from), column: (line) => line.indexOf(needle) }
  const scanner = createLineScanner(pattern.tree)
  const column: LineMatcher['column'] = (line, isUnfinished) => scanner.column(line, 0, line.length, isUnfinished)
  if (needle.length < 2) return { find: (bytes, from) => scanner.find(bytes, from, bytes.length), column }
  return {
    find(bytes, from) {
      for (let at = bytes.indexOf(needle, from); at !== -1; ) {
        const end = lineEnd(bytes, at)
        const found = scanner.find(bytes, lineStart(bytes, at), end)
        if (found !== -1) return found
        at = end < bytes.length ? bytes.indexOf(needle, end) : -1
      }
      return -1
    },
    column,
  }
}

/** Where the line around `position` starts. */
export const lineStart = (bytes: Buffer, position: number): number =>
  position === 0 ? 0 : bytes.lastIndexOf(lineFeed, position - 1) + 1

/** Behind the line feed of the line around `position`, or the end of the text. */
export function lineEnd(bytes: Buffer, position: number): number {
  const found = bytes.indexOf(lineFeed, position)
  return found === -1 ? bytes.length : found + 1
}
