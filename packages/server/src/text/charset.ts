const byteOrderMarks: readonly (readonly [number[], string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
]

function markedCharset(sample: Uint8Array): string | undefined {
  return byteOrderMarks.find(([mark]) => mark.every((byte, index) => sample[index] === byte))?.[1]
}

/** A NUL never stands in text, unless it is UTF-16, which then starts with a mark. */
export function looksBinary(sample: Uint8Array): boolean {
  return sample.includes(0) && markedCharset(sample) === undefined
}

/** Whether the bytes are UTF-8, allowing for a character that the end of the sample cuts off. */
function isUtf8(sample: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true })
    return true
  } catch {
    return false
  }
}

/**
 * The character set of a text by its first bytes, as HTTP names it: by its mark, UTF-8 if it is valid, otherwise the
 * single-byte set that every byte sequence is valid in and that browsers assume for unlabelled Western text.
 */
export function charsetOf(sample: Uint8Array): string {
  return markedCharset(sample) ?? (isUtf8(sample) ? 'utf-8' : 'windows-1252')
}
