/**
 * A body over chunks that are made one at a time, when the reader asks. A reader that leaves aborts `stop`. `release` is
 * called once on every way out, when no chunk is being made any more.
 */
export function bodyOf(
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
  stop: AbortController,
  release: () => void | Promise<void> = () => {},
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await chunks.next()
          if (!next.done) {
            controller.enqueue(next.value)
            return
          }
        } catch (error) {
          await release()
          throw error
        }
        await release()
        controller.close()
      },
      async cancel(reason) {
        stop.abort(reason)
        await chunks.return()
        await release()
      },
    },
    { highWaterMark: 0 },
  )
}
