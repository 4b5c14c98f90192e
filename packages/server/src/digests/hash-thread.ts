import { Worker } from 'node:worker_threads'
import { siblingModule } from '@filegate/core'
import type { HashOrder, HashReport } from './hash-worker.ts'

/** A SHA-256 that another thread computes. */
export interface HashThread {
  /** Copies the bytes; resolves when the next may come. */
  update(bytes: Uint8Array): Promise<void>
  /** Lower-case hexadecimal. */
  digest(): Promise<string>
  close(): Promise<void>
}

/** While the thread hashes one of these, the other is filled. */
const slotSize = 1024 * 1024
const slotCount = 2

export function openHashThread(): HashThread {
  const memory = new SharedArrayBuffer(slotSize * slotCount)
  const worker = new Worker(siblingModule(import.meta.url, './hash-worker'), { workerData: memory })
  const reports = reportsOf(worker)
  let slot = 0
  let filled = 0
  let free = slotCount - 1

  async function flush(): Promise<void> {
    worker.postMessage({ start: slot * slotSize, length: filled } satisfies HashOrder)
    slot = (slot + 1) % slotCount
    filled = 0
    if (free > 0) free -= 1
    else await reports.next()
  }

  return {
    async update(bytes) {
      for (let begin = 0; begin < bytes.length; ) {
        const piece = bytes.subarray(begin, begin + slotSize - filled)
        new Uint8Array(memory, slot * slotSize + filled, piece.length).set(piece)
        filled += piece.length
        begin += piece.length
        if (filled === slotSize) await flush()
      }
    },
    async digest() {
      worker.postMessage({ start: slot * slotSize, length: filled, last: true } satisfies HashOrder)
      for (;;) {
        const report = await reports.next()
        if (report.digest !== undefined) return report.digest
      }
    },
    async close() {
      await worker.terminate()
    },
  }
}

/** What the thread says, in order, to whoever asks for the next; its end fails whoever waits. */
function reportsOf(worker: Worker) {
  const arrived: HashReport[] = []
  let waiting: { resolve(report: HashReport): void; reject(error: Error): void } | undefined
  let failure: Error | undefined
  const fail = (error: Error): void => {
    failure ??= error
    waiting?.reject(failure)
    waiting = undefined
  }
  worker.on('message', (report: HashReport) => {
    if (waiting) waiting.resolve(report)
    else arrived.push(report)
    waiting = undefined
  })
  worker.on('error', (cause) => fail(cause instanceof Error ? cause : new Error(String(cause))))
  worker.on('exit', () => fail(new Error('The hashing thread ended.')))
  return {
    next(): Promise<HashReport> {
      const report = arrived.shift()
      if (report) return Promise.resolve(report)
      if (failure) return Promise.reject(failure)
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
      })
    },
  }
}
