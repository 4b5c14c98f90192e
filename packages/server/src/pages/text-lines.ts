import { escapeHtml } from './html.ts'

/** Lines of a file, ready to be shown. */
export interface ShownLines {
  readonly lines: readonly string[]
  /** Whether the text went on. */
  readonly cut: boolean
}

/**
 * Splits text at line breaks of every kind and leaves out what stands behind line `limit`. `partial` means that the text
 * stops somewhere in the middle of the file: its last line is then left out as well, unless it is the only one.
 */
export function splitLines(text: string, limit: number, partial: boolean): ShownLines {
  const lines = text.split(/\r\n|\n|\r/, limit + 2)
  if (lines.at(-1) === '') lines.pop()
  else if (partial && lines.length > 1 && lines.length <= limit + 1) lines.pop()
  return { lines: lines.slice(0, limit), cut: partial || lines.length > limit }
}

const directionMarks = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/**
 * A line as it is shown. Marks that turn the direction of what follows can make code read as what it is not, so they are
 * made visible (CVE-2021-42574).
 */
export function lineHtml(line: string): string {
  return escapeHtml(line).replace(directionMarks, (mark) => `<mark>U+${hexadecimal(mark)}</mark>`)
}

const hexadecimal = (char: string): string => char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
