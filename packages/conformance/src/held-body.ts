/** A body that gives its first chunk, then waits to be finished or broken. */
export interface HeldBody {
  readonly body: ReadableStream<Uint8Array>
  /** Settles once the consumer has taken the first chunk and asks for more. */
  readonly begun: Promise<void>
  /** Settles once the consumer has cancelled the body. */
  readonly cancelled: Promise<void>
  /** Gives the rest and ends. */
  finish(): void
  break(error: Error): void
}

export function heldBody(first: Uint8Array, rest?: Uint8Array): HeldBody {
  const begun = Promise.withResolvers<void>()
  const cancelled = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  let given = false
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!given) {
          given = true
          controller.enqueue(first)
          return
        }
        begun.resolve()
        await gate.promise
        if (rest) controller.enqueue(rest)
        controller.close()
      },
      cancel() {
        cancelled.resolve()
        gate.resolve()
      },
    },
    { highWaterMark: 0 },
  )
  // Nobody but the stream looks at the gate; a break that comes before the second pull is not unhandled.
  gate.promise.catch(() => {})
  return { body, begun: begun.promise, cancelled: cancelled.promise, finish: gate.resolve, break: gate.reject }
}
