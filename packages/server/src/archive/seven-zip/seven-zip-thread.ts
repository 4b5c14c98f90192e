import { Worker } from 'node:worker_threads'
import { siblingModule, StorageError } from '@filegate/core'
import { bounds, broken, encrypted, tooLarge } from '../archive.ts'
import type { ArchiveBytes } from '../archive-bytes.ts'
import { createMailbox } from '../mailbox.ts'
import type { Turns } from '../turns.ts'

/** What the thread is started with. */
export interface SevenZipTask {
  readonly arguments: readonly string[]
  readonly size: number
  /** The archive, when it is a local file; otherwise the thread asks for its bytes. */
  readonly descriptor: number | undefined
  /** Two Int32: whether the thread may go on, and the count that answers it. */
  readonly control: SharedArrayBuffer
  /** Bytes of the archive, when it asked for some. */
  readonly data: SharedArrayBuffer
}

/** The thread stands still after `wants` and `output` until it is answered: 7-Zip knows no waiting but this. */
export type FromSevenZip =
  | { readonly kind: 'wants'; readonly start: number; readonly count: number }
  | { readonly kind: 'output'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly code: number; readonly complaints: string }
  | { readonly kind: 'absent' }

/** How much of a remote archive is asked for at a time. */
const dataSize = 1 << 20

/**
 * Runs one command of 7-Zip over an archive, which it sees as `/archive`, and gives what it prints. The time for looking
 * is bounded: until the end, or with `thenFlows` until the first output.
 */
export async function* runSevenZip(
  file: ArchiveBytes,
  command: readonly string[],
  turns: Turns,
  thenFlows: boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = await turns.take()
  const control = new SharedArrayBuffer(8)
  const data = new SharedArrayBuffer(file.descriptor === undefined ? dataSize : 0)
  const { size, descriptor } = file
  const task: SevenZipTask = { arguments: command, size, descriptor, control, data }
  const worker = new Worker(siblingModule(import.meta.url, './seven-zip-worker'), { workerData: task })
  const mailbox = createMailbox<FromSevenZip>(worker)
  let late = false
  const timer = setTimeout(() => {
    late = true
    void worker.terminate()
  }, bounds.searching)
  const goOn = (count: number): void => {
    const words = new Int32Array(control)
    Atomics.store(words, 1, count)
    Atomics.store(words, 0, 1)
    Atomics.notify(words, 0)
  }
  try {
    for (;;) {
      const message = await mailbox.next()
      switch (message.kind) {
        case 'wants': {
          const bytes = await file.read(
            message.start,
            Math.min(size, message.start + Math.min(message.count, dataSize)),
          )
          new Uint8Array(data).set(bytes)
          goOn(bytes.length)
          break
        }
        case 'output':
          if (thenFlows) clearTimeout(timer)
          yield message.bytes
          goOn(0)
          break
        case 'end':
          if (message.code !== 0) throw complaint(message.complaints)
          return
        case 'absent':
          throw new StorageError('Unsupported', 'Reading 7z archives needs the optional package 7z-wasm.')
      }
    }
  } catch (error) {
    if (late) throw tooLarge('reading it takes more than 30 seconds')
    throw error
  } finally {
    clearTimeout(timer)
    await worker.terminate()
    end()
  }
}

function complaint(text: string): StorageError {
  if (/password|encrypted/i.test(text)) return encrypted('The archive')
  if (/memory|allocate/i.test(text)) return tooLarge('unpacking it takes too much memory')
  const [first] = text.split('\n').filter((line) => /error|unexpected|unsupported/i.test(line))
  return broken(
    first ? `7-Zip says ${JSON.stringify(first.replace(/^ERROR:\s*/, '').slice(0, 200))}` : '7-Zip cannot read it',
  )
}
