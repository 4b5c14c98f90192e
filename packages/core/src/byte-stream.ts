import { abortedBy, throwIfAborted } from './abort.ts'

const chunkSize = 65_536

/** A body over bytes in memory, in chunks that the reader may keep. Once `signal` is aborted, reading it rejects. */
export function streamBytes(bytes: Uint8Array, signal?: AbortSignal): ReadableStream<Uint8Array> {
  let offset = 0
  let release = (): void => {}
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (!signal) return
        const abort = (): void => controller.error(abortedBy(signal))
        if (signal.aborted) abort()
        signal.addEventListener('abort', abort, { once: true })
        release = () => signal.removeEventListener('abort', abort)
      },
      pull(controller) {
        if (offset < bytes.length) controller.enqueue(bytes.slice(offset, offset + chunkSize))
        offset += chunkSize
        if (offset < bytes.length) return
        release()
        controller.close()
      },
      cancel: () => release(),
    },
    { highWaterMark: 0 },
  )
}

/** Everything that `body` gives. Once `signal` is aborted the body is cancelled and this rejects. */
export async function collectBytes(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of abortable(body, signal)) {
    chunks.push(chunk)
    size += chunk.length
  }
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}

/**
 * The chunks of `body`. Aborting `signal` ends even a read that is waiting; leaving the loop early cancels the body, so
 * whatever stands behind it is released on every way out.
 */
export async function* abortable(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader()
  let finished = false
  // Cancelling settles a pending read as done; the check behind the loop turns that into the rejection.
  const abort = (): void => void reader.cancel(signal?.reason).catch(() => {})
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    for (;;) {
      const { done, value } = await reader.read()
      throwIfAborted(signal)
      finished = done
      if (done) return
      yield value
    }
  } finally {
    signal?.removeEventListener('abort', abort)
    if (!finished) await reader.cancel(signal?.reason).catch(() => {})
    reader.releaseLock()
  }
}
