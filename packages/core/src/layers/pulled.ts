/** Where the chunks of a body come from: pulled one at a time, so that nothing is read that nobody asked for. */
export interface ChunkSource {
  /** `undefined` at the end. Never called again after that, after a rejection or after `cancel`. */
  next(): Promise<Uint8Array | undefined>
  /** The consumer wants no more; may come while `next` is pending. */
  cancel(reason: unknown): Promise<void>
}

/** A body that asks `source` for a chunk when its consumer asks for one. */
export function pulledBody(source: ChunkSource): ReadableStream<Uint8Array> {
  let cancelled = false
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await source.next()
        if (cancelled) return
        if (chunk) controller.enqueue(chunk)
        else controller.close()
      },
      async cancel(reason) {
        cancelled = true
        await source.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

/** The chunks of a body. It is locked from now on. */
export function chunksOf(body: ReadableStream<Uint8Array>): ChunkSource {
  const reader = body.getReader()
  return {
    async next() {
      const { done, value } = await reader.read()
      return done ? undefined : value
    },
    cancel: (reason) => reader.cancel(reason),
  }
}

/**
 * Cancels where an error is on its way to the consumer already: a cancel that fails, or never ends because the connection
 * hangs, neither changes nor delays that.
 */
export function abandon(open: Pick<ChunkSource, 'cancel'>, reason: unknown): void {
  void Promise.allSettled([open.cancel(reason)])
}
