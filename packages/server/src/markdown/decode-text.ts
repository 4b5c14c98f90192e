import { charsetOf } from '../text/charset.ts'
import type { Documents } from './documents.ts'

export interface DecodedText {
  readonly text: string
  /** As browsers name it. */
  readonly charset: string
}

/** What `charsetOf` says when the bytes are not marked and not UTF-8: any bytes are valid in it, so it is only a guess. */
const guess = 'windows-1252'

/** Text by its bytes, which may end in the middle of a character. */
export async function decodeText(bytes: Uint8Array<ArrayBuffer>, documents: Documents): Promise<DecodedText> {
  const told = charsetOf(bytes)
  const charset = told === guess ? await documents.charset(bytes) : told
  const decoder = new TextDecoder(charset)
  // Streaming leaves out the bytes of a character that is cut off at the end.
  return { text: decoder.decode(bytes, { stream: true }), charset: decoder.encoding }
}
