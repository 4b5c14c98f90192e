import { StorageError } from '@filegate/core'

/** Which lines are wanted: some by their numbers, from 1 and inclusive, or so many at the end. */
export type LinesRequest = { readonly first: number; readonly last: number } | { readonly tail: number }

const most = Number.MAX_SAFE_INTEGER
const forms = /^(?:(\d+)(-)?(\d+)?|-(\d+))$/

function refuse(text: string, problem: string): never {
  const accepted = '10-50 (a range), 100 (one line), 50- (from there on) or -20 (the last 20)'
  throw new StorageError(
    'InvalidArgument',
    `Parameter 'lines' takes ${accepted}, not ${JSON.stringify(text)}: ${problem}.`,
  )
}

/**
 * Reads `10-50`, `100`, `50-` (whose `last` is Infinity) and `-20`.
 * @throws StorageError `InvalidArgument` that says what is accepted.
 */
export function parseLines(text: string): LinesRequest {
  const [, from, dash, to, tail] = forms.exec(text) ?? []
  if (tail !== undefined) return { tail: lineNumber(text, tail) }
  if (from === undefined) return refuse(text, 'it has another form')
  const first = lineNumber(text, from)
  if (dash === undefined) return to === undefined ? { first, last: first } : refuse(text, 'it has another form')
  const last = to === undefined ? Infinity : lineNumber(text, to)
  return last < first ? refuse(text, 'it ends before it starts') : { first, last }
}

function lineNumber(text: string, digits: string): number {
  const value = Number(digits)
  if (value === 0) refuse(text, 'lines are counted from 1')
  return value <= most ? value : refuse(text, `no number may exceed ${most}`)
}
