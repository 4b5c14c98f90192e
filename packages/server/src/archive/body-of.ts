/**
 * A body over chunks that are made one at a time, when the reader asks. A reader that leaves aborts `stop`, and whatever
 * the generator holds is released.
 */
export function bodyOf(
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
  stop: AbortController,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel(reason) {
        stop.abort(reason)
        await chunks.return()
      },
    },
    { highWaterMark: 0 },
  )
}
