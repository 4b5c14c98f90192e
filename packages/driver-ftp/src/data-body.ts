import { abortedBy, pulledBody } from '@filegate/core'
import { type Incoming, incoming } from './incoming.ts'
import type { Lease } from './pool.ts'
import { reasonOf, type Transfer, withDeadline } from './transfer.ts'

export interface Wanted {
  /** Bytes that come before those that are wanted. */
  readonly skip: number
  /** Bytes that are wanted; absent where nobody knows how many there are. */
  readonly length?: number | undefined
  /** Bytes that come after them. */
  readonly rest: number
  readonly signal?: AbortSignal | undefined
}

/** Bytes that are taken from the server for nothing, so that the connection can be used again. */
const drained = 65_536

/**
 * The bytes of a download. The connection goes back to the pool when the server has said that all is well; one whose
 * transfer was left before its end is closed, as nothing else can be done with it.
 */
export function dataBody(lease: Lease, transfer: Transfer, wanted: Wanted): ReadableStream<Uint8Array> {
  const { signal, length = Number.POSITIVE_INFINITY } = wanted
  const bytes = incoming(transfer.socket)
  let skip = wanted.skip
  let left = length

  const leave = (): void => {
    signal?.removeEventListener('abort', abort)
    transfer.socket.destroy()
    lease.destroy()
  }
  const abort = (): void => {
    if (signal) bytes.fail(abortedBy(signal))
    leave()
  }
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()

  /** What of a chunk is wanted. */
  function cut(chunk: Buffer): Buffer {
    const part = chunk.subarray(skip, skip + left)
    skip = Math.max(0, skip - chunk.length)
    left -= part.length
    return part
  }

  async function next(): Promise<Uint8Array | undefined> {
    while (left > 0) {
      const chunk = await bytes.next()
      const part = chunk && cut(chunk)
      if (part && part.length > 0) return part
      if (chunk) continue
      await transfer.finished
      if (length !== Number.POSITIVE_INFINITY) throw tooShort(left)
      left = 0
    }
    signal?.removeEventListener('abort', abort)
    if (wanted.rest > drained) leave()
    else void giveBack(lease, transfer, bytes)
    return undefined
  }

  return pulledBody({
    async next() {
      try {
        return await next()
      } catch (error) {
        leave()
        throw signal?.aborted ? error : await reasonOf(transfer, error)
      }
    },
    cancel: async () => leave(),
  })
}

/** All that is wanted is here. What the server has to say about it nobody waits for. */
async function giveBack(lease: Lease, { socket, finished }: Transfer, bytes: Incoming): Promise<void> {
  const drain = async (): Promise<boolean> => {
    while (await bytes.next()) continue
    await finished
    return true
  }
  const confirmed = drain().catch(() => false)
  if (await withDeadline(confirmed, lease.session.settings.closeTime, () => false)) lease.release()
  else lease.destroy()
  socket.destroy()
}

const tooShort = (left: number): Error =>
  Object.assign(new Error(`The server ended a transfer ${left} bytes too soon.`), { code: 'ECONNRESET' })
