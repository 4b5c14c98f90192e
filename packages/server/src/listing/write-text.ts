import { isDirectoryType } from './row.ts'
import { type RowColumns, rowsOf } from './row-columns.ts'

const rowsInPiece = 256

/** One name a line, directories with a slash. A line break in a name is written as `\n`, or a reader could be fooled. */
export function* listingText(rows: RowColumns): Generator<string> {
  for (let start = 0; start < rows.types.length; start += rowsInPiece) {
    yield rowsOf(rows, start, start + rowsInPiece)
      .map(({ name, type }) => `${name.replace(/[\r\n]/g, lineBreak)}${isDirectoryType(type) ? '/' : ''}\n`)
      .join('')
  }
}

const lineBreak = (char: string): string => (char === '\n' ? '\\n' : '\\r')
