import type { CodePoints } from './code-points.ts'

const span = (text: string): CodePoints => [text.charCodeAt(0), text.charCodeAt(text.length - 1)]

const digit = span('09')
const lower = span('az')
const upper = span('AZ')

/** What `[:alpha:]` and the others stand for. They know ASCII only. */
export const posixClasses: Readonly<Record<string, CodePoints>> = {
  alnum: [...digit, ...upper, ...lower],
  alpha: [...upper, ...lower],
  ascii: span('\0\x7f'),
  blank: [...span('\t'), ...span(' ')],
  cntrl: [...span('\0\x1f'), ...span('\x7f')],
  digit,
  graph: span('!~'),
  lower,
  print: span(' ~'),
  punct: [...span('!/'), ...span(':@'), ...span('[`'), ...span('{~')],
  space: [...span('\t\r'), ...span(' ')],
  upper,
  word: [...digit, ...upper, ...span('_'), ...lower],
  xdigit: [...digit, ...span('AF'), ...span('af')],
}
