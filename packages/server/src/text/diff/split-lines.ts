/** A text by its lines, each with the newline that ends it. */
export interface SplitText {
  readonly bytes: Buffer
  /** Where each line begins, and at the end where the text does. */
  readonly starts: Int32Array
  readonly count: number
}

const newline = 0x0a

export function splitLines(content: Uint8Array): SplitText {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  let starts = new Int32Array(Math.max(16, bytes.length >>> 5))
  let count = 0
  for (let start = 0; start < bytes.length; count++) {
    if (count + 1 >= starts.length) starts = grown(starts)
    starts[count] = start
    const end = bytes.indexOf(newline, start)
    start = end === -1 ? bytes.length : end + 1
  }
  starts[count] = bytes.length
  return { bytes, starts, count }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}

/** Numbers for the lines of two texts: equal lines have equal numbers. */
export function numberLines(before: SplitText, after: SplitText) {
  const known = new Map<string, number>()
  const numbered = ({ bytes, starts, count }: SplitText): Int32Array =>
    Int32Array.from({ length: count }, (_, line) => {
      // Each byte a character: what is no valid text stays apart, and this is the fastest way to a key.
      const text = bytes.toString('latin1', starts[line], starts[line + 1])
      const number = known.get(text)
      if (number !== undefined) return number
      known.set(text, known.size)
      return known.size - 1
    })
  return { before: numbered(before), after: numbered(after), distinct: known.size }
}
