import { Worker } from 'node:worker_threads'
import { siblingModule, StorageError, throwIfAborted } from '@filegate/core'
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
  const turn = await turns.take(file.signal)
  const thread = startThread(file, command)
  let late = false
  const timer = setTimeout(() => {
    late = true
    void thread.stop()
  }, bounds.searching)
  const leave = (): void => void thread.stop()
  file.signal.addEventListener('abort', leave, { once: true })
  turn.lost.addEventListener('abort', leave, { once: true })
  try {
    for (;;) {
      const message = await thread.next()
      switch (message.kind) {
        case 'wants':
          await thread.supply(message)
          break
        case 'output':
          if (thenFlows) clearTimeout(timer)
          turn.pause()
          yield message.bytes
          turn.resume()
          thread.goOn(0)
          break
        case 'end':
          if (message.code !== 0) throw complaint(message.complaints)
          return
        case 'absent':
          throw new StorageError('Unsupported', 'Reading 7z archives needs the optional package 7z-wasm.')
      }
    }
  } catch (error) {
    throwIfAborted(file.signal)
    if (late) throw tooLarge('reading it takes more than 30 seconds')
    throw error
  } finally {
    clearTimeout(timer)
    file.signal.removeEventListener('abort', leave)
    await thread.stop()
    turn.end()
  }
}

function startThread(file: ArchiveBytes, command: readonly string[]) {
  const { size, descriptor } = file
  const control = new SharedArrayBuffer(8)
  const data = new SharedArrayBuffer(descriptor === undefined ? dataSize : 0)
  const task: SevenZipTask = { arguments: command, size, descriptor, control, data }
  const worker = new Worker(siblingModule(import.meta.url, './seven-zip-worker'), { workerData: task })
  const goOn = (count: number): void => {
    const words = new Int32Array(control)
    Atomics.store(words, 1, count)
    Atomics.store(words, 0, 1)
    Atomics.notify(words, 0)
  }
  return {
    next: createMailbox<FromSevenZip>(worker).next,
    goOn,
    async supply({ start, count }: { start: number; count: number }): Promise<void> {
      const bytes = await file.read(start, Math.min(size, start + Math.min(count, dataSize)))
      new Uint8Array(data).set(bytes)
      goOn(bytes.length)
    },
    stop: (): Promise<number> => worker.terminate(),
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
