import type { ByteRange } from '@filegate/core'
import { abortable, StorageError } from '@filegate/core'

export type WideCharset = 'utf-16le' | 'utf-16be'

/** The character set of text that starts with the byte order mark of UTF-16, whose characters no byte search can tell. */
export function wideCharset(start: Uint8Array): WideCharset | undefined {
  const mark = start.length < 2 ? 0 : ((start[0] ?? 0) << 8) | (start[1] ?? 0)
  if (mark === 0xfffe) return 'utf-16le'
  return mark === 0xfeff ? 'utf-16be' : undefined
}

/** The bytes from `start` to before `end` of the UTF-8 form of a UTF-16 text, which has to be read from its beginning. */
export function narrowed(
  text: ReadableStream<Uint8Array>,
  charset: WideCharset,
  range: ByteRange | undefined,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  if (range && 'suffix' in range) throw new StorageError('Unsupported', 'UTF-16 text cannot be read from its end.')
  const { start = 0, end = Infinity } = range ?? {}
  return ReadableStream.from(cut(encoded(text, charset, signal), start, end))
}

/** So much is converted at once: longer would hold up other requests. */
const pieceSize = 256 * 1024

async function* encoded(text: ReadableStream<Uint8Array>, charset: WideCharset, signal: AbortSignal) {
  const decoder = new TextDecoder(charset)
  for await (const chunk of abortable(text, signal)) {
    for (let begin = 0; begin < chunk.length; begin += pieceSize) {
      yield Buffer.from(decoder.decode(chunk.subarray(begin, begin + pieceSize), { stream: true }))
    }
  }
  yield Buffer.from(decoder.decode())
}

async function* cut(pieces: AsyncIterable<Uint8Array>, start: number, end: number): AsyncGenerator<Uint8Array> {
  let offset = 0
  for await (const piece of pieces) {
    const part = piece.subarray(Math.max(0, start - offset), Math.max(0, end - offset))
    offset += piece.length
    if (part.length > 0) yield part
    if (offset >= end) return
  }
}
