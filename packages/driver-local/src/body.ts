import { abortedBy, markLocalBody, StorageError } from '@filegate/core'
import type { OpenFile } from '@filegate/core'
import { read } from 'node:fs'
import { asStorageError } from './storage-error.ts'

const chunkSize = 1 << 20

export interface Slice {
  readonly start: number
  /** Exclusive. */
  readonly end: number
}

/**
 * The bytes of an open file as a stream that reads only when asked, one chunk at a time. It takes over `file` and closes
 * it exactly once: at the end, on an error, when cancelled, when `signal` is aborted, or through its LocalBody. A file
 * that became shorter meanwhile makes the stream fail; it never ends early as if all were well.
 */
export function bodyOf(file: OpenFile, { start, end }: Slice, signal?: AbortSignal): ReadableStream<Uint8Array> {
  const { path } = file.entry
  const source = closeOnce(file)
  let position = start

  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const chunk = Buffer.allocUnsafeSlow(Math.min(chunkSize, end - position))
    const count = await source.read(chunk, position)
    if (source.closed) return
    if (count === 0) throw shrunk(path)
    position += count
    controller.enqueue(chunk.subarray(0, count))
    if (position < end) return
    finish()
    controller.close()
  }
  let finish = (): void => source.close()
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (signal) finish = closeOnAbort(signal, controller, source)
        if (position < end || source.closed) return
        finish()
        controller.close()
      },
      async pull(controller) {
        try {
          await pull(controller)
        } catch (error) {
          finish()
          throw asStorageError(error, 'read', path)
        }
      },
      cancel: () => finish(),
    },
    { highWaterMark: 0 },
  )
  if (!source.closed) {
    const close = (): void => finish()
    markLocalBody(body, {
      get descriptor() {
        source.lend()
        return file.descriptor
      },
      start,
      end,
      close,
    })
  }
  return body
}

/**
 * A descriptor may be reused the moment it is closed, so closing waits for a read that is under way. For the same reason
 * an abort leaves a descriptor alone that was lent to whoever sends the bytes: the borrower may be reading, and closes it.
 */
function closeOnce(file: OpenFile) {
  let reading = false
  let closed = false
  let lent = false
  return {
    get closed(): boolean {
      return closed
    },
    lend(): void {
      lent = true
    },
    abort(): void {
      if (!lent) this.close()
    },
    close(): void {
      if (closed) return
      closed = true
      if (!reading) file.close()
    },
    read(chunk: Buffer, position: number): Promise<number> {
      reading = true
      return new Promise((resolve, reject) => {
        read(file.descriptor, chunk, 0, chunk.length, position, (error, count) => {
          reading = false
          if (closed) file.close()
          if (error) reject(error)
          else resolve(count)
        })
      })
    },
  }
}

/** Returns what to call instead of `close` when the body is done with. */
function closeOnAbort(
  signal: AbortSignal,
  controller: ReadableStreamDefaultController<Uint8Array>,
  source: ReturnType<typeof closeOnce>,
): () => void {
  const abort = (): void => {
    controller.error(abortedBy(signal))
    source.abort()
  }
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return () => {
    signal.removeEventListener('abort', abort)
    source.close()
  }
}

export const shrunk = (path: string): StorageError =>
  new StorageError('Conflict', `The file became shorter while it was read: /${path}`, { path })
