import { timeSlices } from './time-slices.ts'

/**
 * A body made of chunks as they are asked for, so that a slow reader holds nothing but the place it has come to.
 * Cancelling it ends the generator, whose `finally` blocks run.
 */
export function byteStream(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  // A reader that keeps up asks for the next chunk before the event loop turns, again and again.
  const pause = timeSlices()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await pause()
        const next = await iterator.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel() {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
