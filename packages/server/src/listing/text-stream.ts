import { timeSlices } from './time-slices.ts'

const encoder = new TextEncoder()
/** Characters gathered before they are sent: small enough to be made in a moment, large enough to be worth a write. */
const chunkLength = 32_768

/**
 * A body made of pieces of text as they are asked for, so that a slow reader holds nothing but the place it has come to.
 * Cancelling it ends the generator, whose `finally` blocks run.
 */
export function textStream(pieces: Iterable<string> | AsyncIterable<string>): ReadableStream<Uint8Array> {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]()
  // A reader that keeps up asks for the next chunk before the event loop turns, again and again.
  const pause = timeSlices()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await pause()
        let text = ''
        while (text.length < chunkLength) {
          const next = await iterator.next()
          if (next.done) {
            if (text !== '') controller.enqueue(encoder.encode(text))
            controller.close()
            return
          }
          text += next.value
        }
        controller.enqueue(encoder.encode(text))
      },
      async cancel() {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
