import { createHash } from 'node:crypto'
import { abortable } from '@filegate/core'
import { openHashThread } from './hash-thread.ts'

/** From here on a thread of its own pays: starting one costs as much as hashing some megabytes. */
const worthThread = 32 * 1024 * 1024
/** So much is hashed at once on the main thread: a tenth of a millisecond. */
const pieceSize = 128 * 1024

/**
 * The SHA-256 of a body, lower-case hexadecimal. `size`: bytes that will come, where known. The body is cancelled when
 * `signal` is aborted.
 */
export async function digestStream(
  body: ReadableStream<Uint8Array>,
  size: number | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (size === undefined || size >= worthThread) return digestInThread(body, signal)
  const hash = createHash('sha256')
  for await (const chunk of abortable(body, signal)) {
    for (let begin = 0; begin < chunk.length; begin += pieceSize) hash.update(chunk.subarray(begin, begin + pieceSize))
  }
  return hash.digest('hex')
}

async function digestInThread(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<string> {
  const thread = openHashThread()
  try {
    for await (const chunk of abortable(body, signal)) await thread.update(chunk)
    return await thread.digest()
  } finally {
    await thread.close()
  }
}
