import { MessageChannel } from 'node:worker_threads'
import { StorageError } from '@filegate/core'
import { afterEach, describe, expect, it } from 'vitest'
import { createThreadPool } from './thread-pool.ts'

/** A thread that answers with the sum of what it is sent. */
const module = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads'
    parentPort.on('message', ({ numbers }) => parentPort.postMessage({ result: numbers.reduce((sum, n) => sum + n, 0) }))
  `)}`,
)

const pool = createThreadPool<{ readonly numbers: readonly number[] }, number>(module)
afterEach(() => pool.close())

describe('a pool of threads', () => {
  it('refuses a job whose parts have gone, and goes on with the others', async () => {
    const { port1, port2 } = new MessageChannel()
    const moved = structuredClone({ port2 }, { transfer: [port2] })
    const lost = pool.run({ numbers: [1] }, { transfer: [port2] })
    const others = Array.from({ length: 8 }, (_, index) => pool.run({ numbers: [index, 1] }))
    await expect(lost).rejects.toSatisfy((error) => StorageError.is(error, 'Unexpected'))
    expect(await Promise.all(others)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    port1.close()
    moved.port2.close()
  })
})
