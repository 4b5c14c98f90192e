import { quote } from './classes.ts'

/*
 * A name may be any bytes, a string may not. Inside the codec a byte that is not part of valid UTF-8 travels as a lone
 * surrogate, U+DC80 for 0x80 up to U+DCFF for 0xFF. That form never leaves this folder: what goes out is either bytes or
 * well-formed text.
 */
const markOffset = 0xdc00

/** Every byte that can be invalid, with the lone surrogate that carries it. */
export const byteMarks: readonly (readonly [byte: number, mark: string])[] = Array.from({ length: 128 }, (_, index) => {
  const byte = 0x80 + index
  return [byte, String.fromCharCode(markOffset + byte)] as const
})

/** A byte as a name shows it: the quote and two upper-case hexadecimal digits. */
export const escapeOf = (byte: number): string => quote + byte.toString(16).toUpperCase().padStart(2, '0')

/** What a byte travels as: itself when it is ASCII, else its mark. */
export const carried = (byte: number): string => String.fromCharCode(byte < 0x80 ? byte : markOffset + byte)

const markedBytes = /[\uDC80-\uDCFF]/u

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of bytes that are valid UTF-8, else `undefined`. */
export function strictText(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

/** Length of the valid UTF-8 sequence at `at`; 0 when the byte there starts none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return 1
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
  const complete = at + length <= bytes.length && strictText(bytes.subarray(at, at + length)) !== undefined
  return complete ? length : 0
}

/** Bytes to text in which each byte that is not valid UTF-8 is carried by its mark. */
export function textOf(bytes: Uint8Array): string {
  const valid = strictText(bytes)
  if (valid !== undefined) return valid
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    text += length === 0 ? carried(bytes[at] ?? 0) : (strictText(bytes.subarray(at, at + length)) ?? '')
    at += length || 1
  }
  return text
}

/** The inverse of `textOf`. */
export function bytesOf(text: string): Uint8Array {
  if (!markedBytes.test(text)) return Buffer.from(text)
  const pieces = Array.from(text, (character) =>
    markedBytes.test(character) ? Buffer.of(character.charCodeAt(0) - markOffset) : Buffer.from(character),
  )
  return Buffer.concat(pieces)
}
