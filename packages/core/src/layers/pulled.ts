/** Where the chunks of a body come from: pulled one at a time, so that nothing is read that nobody asked for. */
export interface ChunkSource {
  /** `undefined` at the end. Never called again after that, after a rejection or after `cancel`. */
  next(): Promise<Uint8Array | undefined>
  /** The consumer wants no more; may come while `next` is pending. */
  cancel(reason: unknown): Promise<void>
}

/** What a body is made of; layers may put something around it as long as nobody reads. */
interface Behind {
  source: ChunkSource
}

/** What stands behind the bodies that were made here and that nobody has read from. */
const untouched = new WeakMap<ReadableStream<Uint8Array>, Behind>()

/** A body that asks `source` for a chunk when its consumer asks for one. */
export function pulledBody(source: ChunkSource): ReadableStream<Uint8Array> {
  const behind: Behind = { source }
  let cancelled = false
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        untouched.delete(body)
        const chunk = await behind.source.next()
        if (cancelled) return
        if (chunk) controller.enqueue(chunk)
        else controller.close()
      },
      async cancel(reason) {
        untouched.delete(body)
        cancelled = true
        await behind.source.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  untouched.set(body, behind)
  return body
}

/**
 * The body with something around its chunks. It belongs to the result from now on, and may be the very same stream: a new one
 * for each layer would cost more than all that the layers do.
 */
export function wrappedBody(
  body: ReadableStream<Uint8Array>,
  wrap: (chunks: ChunkSource) => ChunkSource,
): ReadableStream<Uint8Array> {
  const behind = body.locked ? undefined : untouched.get(body)
  if (!behind) return pulledBody(wrap(chunksOf(body)))
  behind.source = wrap(taken(behind.source))
  return body
}

/** The chunks of a body. It is locked from now on. */
export function chunksOf(body: ReadableStream<Uint8Array>): ChunkSource {
  const reader = body.getReader()
  const behind = untouched.get(body)
  if (behind) return taken(behind.source)
  return {
    async next() {
      const { done, value } = await reader.read()
      return done ? undefined : value
    },
    cancel: (reason) => reader.cancel(reason),
  }
}

/**
 * The chunks without the stream around them, which costs more than all that a layer does with a chunk. As a stream would, it
 * ends a chunk that is waited for when it is cancelled, and fails for good once it has failed.
 */
function taken(source: ChunkSource): ChunkSource {
  let isOver = false
  let failure: { readonly error: unknown } | undefined
  let end = (): void => {}

  function fail(error: unknown): void {
    if (!isOver) failure = { error }
    isOver = true
  }
  return {
    next() {
      if (failure) return Promise.reject(failure.error)
      if (isOver) return Promise.resolve(undefined)
      return new Promise((resolve, reject) => {
        const give = (chunk: Uint8Array | undefined): void => {
          isOver ||= chunk === undefined
          resolve(chunk)
        }
        const refuse = (error: unknown): void => {
          fail(error)
          reject(error)
        }
        end = () => resolve(undefined)
        try {
          source.next().then(give, refuse)
        } catch (error) {
          refuse(error)
        }
      })
    },
    async cancel(reason) {
      if (failure) throw failure.error
      if (isOver) return
      isOver = true
      end()
      await source.cancel(reason)
    },
  }
}

/**
 * Cancels where an error is on its way to the consumer already: a cancel that fails, or never ends because the connection
 * hangs, neither changes nor delays that.
 */
export function abandon(open: Pick<ChunkSource, 'cancel'>, reason: unknown): void {
  void Promise.allSettled([open.cancel(reason)])
}
