/** A text by its lines, each with the newline that ends it. */
export interface SplitText {
  readonly bytes: Uint8Array
  /** Where each line begins, and at the end where the text does. */
  readonly starts: Int32Array
  readonly count: number
  /** A number for each line that equal lines have in common. */
  readonly hashes: Int32Array
}

const newline = 0x0a
/** Of the FNV-1a hash, in 32 bits (IETF draft-eastlake-fnv). */
const offsetBasis = 0x811c_9dc5
const prime = 0x0100_0193

/** One pass over the bytes: looking for the ends of lines and hashing them costs less together than either by library calls. */
export function splitLines(bytes: Uint8Array): SplitText {
  const most = countLines(bytes)
  const starts = new Int32Array(most + 1)
  const hashes = new Int32Array(most)
  let count = 0
  let hash = offsetBasis
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    hash = Math.imul(hash ^ byte, prime)
    if (byte !== newline) continue
    hashes[count++] = hash
    starts[count] = at + 1
    hash = offsetBasis
  }
  if (count < most) hashes[count++] = hash
  starts[count] = bytes.length
  return { bytes, starts, count, hashes }
}

function countLines(bytes: Uint8Array): number {
  let count = bytes.length > 0 && bytes.at(-1) !== newline ? 1 : 0
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) count += 1
  return count
}

export interface NumberedLines {
  readonly before: Int32Array
  readonly after: Int32Array
  /** How many different lines there are. Numbers are smaller than this. */
  readonly distinct: number
}

/** Numbers for the lines of two texts: equal lines, and only they, have equal numbers. */
export function numberLines(before: SplitText, after: SplitText): NumberedLines {
  const bits = Math.max(4, Math.ceil(Math.log2((before.count + after.count + 1) * 2)))
  const table: Table = {
    slots: new Int32Array(2 ** bits).fill(-1),
    shift: 32 - bits,
    texts: [],
    lines: new Int32Array(before.count + after.count),
    distinct: 0,
  }
  const numbers = { before: numbered(before, table), after: numbered(after, table) }
  return { ...numbers, distinct: table.distinct }
}

/** Lines by their hash, in slots of which every second is free at least. */
interface Table {
  readonly slots: Int32Array
  readonly shift: number
  /** The text that a numbered line was first seen in, and which of its lines it is. */
  readonly texts: SplitText[]
  readonly lines: Int32Array
  distinct: number
}

function numbered(text: SplitText, table: Table): Int32Array {
  const { slots, shift, texts, lines } = table
  const numbers = new Int32Array(text.count)
  const last = slots.length - 1
  for (let line = 0; line < text.count; line++) {
    // The high bits of a product with this number (2 to the 32 by the golden ratio) are spread well.
    let slot = Math.imul(text.hashes[line] ?? 0, 0x9e37_79b1) >>> shift
    for (;;) {
      const number = slots[slot] ?? -1
      if (number === -1) {
        slots[slot] = table.distinct
        texts.push(text)
        lines[table.distinct] = line
        numbers[line] = table.distinct++
        break
      }
      const other = texts[number]
      if (other && isEqual(text, line, other, lines[number] ?? 0)) {
        numbers[line] = number
        break
      }
      slot = (slot + 1) & last
    }
  }
  return numbers
}

function isEqual(one: SplitText, line: number, other: SplitText, otherLine: number): boolean {
  if (one.hashes[line] !== other.hashes[otherLine]) return false
  const start = one.starts[line] ?? 0
  const length = (one.starts[line + 1] ?? 0) - start
  const otherStart = other.starts[otherLine] ?? 0
  if ((other.starts[otherLine + 1] ?? 0) - otherStart !== length) return false
  for (let at = 0; at < length; at++) if (one.bytes[start + at] !== other.bytes[otherStart + at]) return false
  return true
}
