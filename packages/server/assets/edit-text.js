// A text field of a browser knows one kind of line break and no byte order mark. This keeps apart what the field shows and
// what has to be put back when the file is written.

const mark = '\uFEFF'
const lineBreak = /\r\n|\n|\r/g
const names = { '\r\n': 'CRLF', '\n': 'LF', '\r': 'CR' }

/**
 * The text of a file as a field shows it, with its form. Undefined for what is no text in UTF-8: it would not come back as it was.
 * @param {Uint8Array} bytes
 */
export function openText(bytes) {
  const whole = decoded(bytes)
  if (whole === undefined || whole.includes('\0')) return undefined
  const hasMark = whole.startsWith(mark)
  const original = hasMark ? whole.slice(1) : whole
  const counts = countBreaks(original)
  const kinds = Object.keys(counts).filter((kind) => counts[kind] > 0)
  const usual = kinds.toSorted((one, other) => counts[other] - counts[one])[0] ?? '\n'
  // Only where there are several kinds it matters which line had which.
  const form = { hasMark, usual, original: kinds.length > 1 ? original : undefined }
  return { text: original.replaceAll(lineBreak, '\n'), form }
}

/** The form of a file that is not there yet. */
export const newForm = { hasMark: false, usual: '\n', original: undefined }

/**
 * The bytes of an edited text, in the form that the file had. Of several kinds of line breaks each line that is still there
 * keeps its own, and new ones get the usual.
 */
export function bytesOf(text, { hasMark, usual, original }) {
  const body = original === undefined ? text.replaceAll('\n', usual) : withOwnBreaks(text, original, usual)
  return new TextEncoder().encode(hasMark ? mark + body : body)
}

/** What people are told of the form. */
export function formName({ hasMark, usual, original }) {
  const breaks = original === undefined ? names[usual] : 'mixed line ends'
  return hasMark ? `UTF-8 with BOM, ${breaks}` : `UTF-8, ${breaks}`
}

/** The number of the first line in which two texts differ, from 1. */
export function firstDifference(one, other) {
  const end = Math.min(one.length, other.length)
  let at = 0
  while (at < end && one[at] === other[at]) at++
  return placeIn(one, at).line
}

/** Line and column of an offset, from 1. */
export function placeIn(text, offset) {
  let line = 1
  let start = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', start)) {
    line++
    start = at + 1
  }
  return { line, column: offset - start + 1 }
}

/** The selected lines one step further in or out, as a replacement of `start` to `end` of the text. */
export function indented(text, start, end, outwards) {
  const from = text.lastIndexOf('\n', start - 1) + 1
  // A selection that ends at the beginning of a line does not mean that line.
  const last = end > start && text[end - 1] === '\n' ? end - 1 : end
  const next = text.indexOf('\n', last)
  const to = next === -1 ? text.length : next
  const lines = text.slice(from, to).split('\n')
  const changed = outwards ? lines.map((line) => line.replace(/^(?:\t| {1,4})/, '')) : lines.map((line) => `\t${line}`)
  return { from, to, text: changed.join('\n') }
}

function decoded(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function countBreaks(text) {
  const counts = { '\r\n': 0, '\n': 0, '\r': 0 }
  for (const [kind] of text.matchAll(lineBreak)) counts[kind]++
  return counts
}

function withOwnBreaks(text, original, usual) {
  const breaks = new Map()
  let start = 0
  for (const { 0: kind, index } of original.matchAll(lineBreak)) {
    const line = original.slice(start, index)
    const known = breaks.get(line)
    if (known) known.push(kind)
    else breaks.set(line, [kind])
    start = index + kind.length
  }
  // Lines with the same text take theirs in order.
  for (const kinds of breaks.values()) kinds.reverse()
  const lines = text.split('\n')
  const last = lines.pop()
  return lines.map((line) => line + (breaks.get(line)?.pop() ?? usual)).join('') + last
}
