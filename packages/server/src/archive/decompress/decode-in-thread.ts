import { Worker } from 'node:worker_threads'
import { siblingModule } from '@filegate/core'
import { broken } from '../archive.ts'
import { createMailbox } from '../mailbox.ts'
import type { Turns } from '../turns.ts'

export type DecodeMethod = 'xz' | 'bzip2'

/** From the thread: it wants packed bytes, has unpacked ones, or is done. After a chunk it waits to be asked for the next. */
export type FromDecoder =
  | { readonly kind: 'wants' }
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'damage'; readonly message: string }

export type ToDecoder = { readonly kind: 'packed'; readonly bytes: Uint8Array | undefined } | { readonly kind: 'next' }

/** Unpacks in a thread of its own, never further ahead than one chunk. */
export async function* decodeInThread(
  method: DecodeMethod,
  packed: AsyncGenerator<Uint8Array, void, undefined>,
  turns: Turns,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const turn = await turns.take(signal)
  const worker = new Worker(siblingModule(import.meta.url, './decode-worker'), { workerData: method })
  turn.lost.addEventListener('abort', () => void worker.terminate(), { once: true })
  const mailbox = createMailbox<FromDecoder>(worker)
  const send = (message: ToDecoder): void => worker.postMessage(message)
  try {
    send({ kind: 'next' })
    for (;;) {
      const message = await mailbox.next()
      switch (message.kind) {
        case 'wants': {
          const next = await packed.next()
          send({ kind: 'packed', bytes: next.done ? undefined : next.value })
          break
        }
        case 'chunk':
          turn.pause()
          yield message.bytes
          turn.resume()
          send({ kind: 'next' })
          break
        case 'end':
          return
        case 'damage':
          throw broken(message.message)
      }
    }
  } finally {
    await packed.return()
    await worker.terminate()
    turn.end()
  }
}
