import { abortedBy, throwIfAborted } from './abort.ts'
import { StorageError } from './error.ts'

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

/**
 * Everything that `body` gives. Once `signal` is aborted the body is cancelled and this rejects.
 * @throws StorageError `TooLarge` as soon as there are more than `maximum` bytes.
 */
export async function collectBytes(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
  maximum = Number.POSITIVE_INFINITY,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of abortable(body, signal)) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maximum) throw new StorageError('TooLarge', `There are more than the ${maximum} bytes that may be held.`)
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
  // Cancelling settles a read that waits as done, and the check behind it turns that into the rejection. What else goes
  // wrong while giving up does not matter any more.
  const giveUp = (): Promise<void> => reader.cancel(signal?.reason).catch(() => undefined)
  const abort = (): void => void giveUp()
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
    if (!finished) await giveUp()
    reader.releaseLock()
  }
}

/** Lets go of a body that nobody has taken; one that is locked belongs to its reader. Never rejects. */
export async function releaseBody(body: ReadableStream<Uint8Array>): Promise<void> {
  if (!body.locked) await body.cancel().catch(() => undefined)
}
