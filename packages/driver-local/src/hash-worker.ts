import type { HashAlgorithm } from '@filegate/core'
import { createHash } from 'node:crypto'
import { read } from 'node:fs'
import { serveTasks } from './worker-tasks.ts'

/** Who asks holds the file open until the answer. */
export interface HashTask {
  readonly descriptor: number
  readonly size: number
  readonly algorithm: HashAlgorithm
}

export interface HashReply {
  /** Lower-case hexadecimal; absent when the file became shorter meanwhile. */
  readonly digest?: string | undefined
}

const chunkSize = 1 << 20
const chunks = [Buffer.allocUnsafeSlow(chunkSize), Buffer.allocUnsafeSlow(chunkSize)] as const

const readInto = (descriptor: number, chunk: Buffer, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    read(descriptor, chunk, 0, chunk.length, position, (error, count) => (error ? reject(error) : resolve(count)))
  })

/** One chunk is hashed while the thread pool reads the other, so the disk and the processor work at the same time. */
serveTasks<HashTask, HashReply>(async ({ descriptor, size, algorithm }, isCancelled) => {
  const digest = createHash(algorithm)
  let [full, free] = chunks
  let position = 0
  let reading = readInto(descriptor, full, 0)
  while (position < size) {
    const count = await reading
    if (count === 0 || isCancelled()) return { reply: {} }
    const end = Math.min(count, size - position)
    position += end
    if (position < size) reading = readInto(descriptor, free, position)
    digest.update(full.subarray(0, end))
    ;[full, free] = [free, full]
  }
  return { reply: { digest: digest.digest('hex') } }
})
