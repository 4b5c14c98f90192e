import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'

/** Bytes in the shared memory that are next. */
export interface HashOrder {
  readonly start: number
  readonly length: number
  readonly last?: true
}

/** One for each order, in order: its bytes are hashed. The one for the last has the digest. */
export interface HashReport {
  readonly digest?: string
}

const memory: unknown = workerData
if (!(memory instanceof SharedArrayBuffer)) throw new TypeError('The hashing thread is started with shared memory.')
const bytes = new Uint8Array(memory)
const hash = createHash('sha256')

parentPort?.on('message', ({ start, length, last }: HashOrder) => {
  hash.update(bytes.subarray(start, start + length))
  const report: HashReport = last ? { digest: hash.digest('hex') } : {}
  parentPort?.postMessage(report)
})
