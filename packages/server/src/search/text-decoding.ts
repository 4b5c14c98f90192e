/** Turns the bytes of a file into UTF-8 without a byte order mark. Bytes that are no UTF-8 pass as they are. */
export interface TextDecoding {
  push(bytes: Buffer): Buffer
  finish(): Buffer
}

const empty = Buffer.alloc(0)

/** Like ripgrep, UTF-16 is known by its byte order mark only; everything else counts as UTF-8. */
export function createTextDecoding(): TextDecoding {
  let start: Buffer | undefined = empty
  let decoder: InstanceType<typeof TextDecoder> | undefined
  const decoded = (bytes: Buffer, stream: boolean): Buffer =>
    decoder ? Buffer.from(decoder.decode(bytes, { stream })) : bytes

  function begin(bytes: Buffer): Buffer {
    start = undefined
    const encoding =
      bytes[0] === 0xff && bytes[1] === 0xfe
        ? 'utf-16le'
        : bytes[0] === 0xfe && bytes[1] === 0xff
          ? 'utf-16be'
          : undefined
    // The decoder drops the mark itself.
    if (encoding) decoder = new TextDecoder(encoding)
    return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
  }

  return {
    push(bytes) {
      if (!start) return decoded(bytes, true)
      const known = start.length === 0 ? bytes : Buffer.concat([start, bytes])
      if (known.length >= 3) return decoded(begin(known), true)
      // A copy, because whoever pushed the bytes may use their place again.
      start = Buffer.from(known)
      return empty
    },
    finish: () => decoded(start ? begin(start) : empty, false),
  }
}
