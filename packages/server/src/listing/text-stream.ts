import { byteStream } from './byte-stream.ts'

const encoder = new TextEncoder()
/** Characters gathered before they are sent: small enough to be made in a moment, large enough to be worth a write. */
const chunkLength = 32_768

/** A body made of pieces of text as they are asked for. Cancelling it ends the generator. */
export const textStream = (pieces: Iterable<string> | AsyncIterable<string>): ReadableStream<Uint8Array> =>
  byteStream(encoded(pieces))

async function* encoded(pieces: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let text = ''
  for await (const piece of pieces) {
    text += piece
    if (text.length < chunkLength) continue
    yield encoder.encode(text)
    text = ''
  }
  if (text !== '') yield encoder.encode(text)
}
