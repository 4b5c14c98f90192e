import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { siblingModule, StorageError } from '@filegate/core'
import { afterAll, describe, expect, it } from 'vitest'
import type { HashReply, HashTask } from './hash-worker.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { workerPool } from './worker-pool.ts'

const place = join(temporaryFolder(), 'file')
writeFileSync(place, 'text')
const descriptor = openSync(place, 'r')
afterAll(() => closeSync(descriptor))

const task: HashTask = { descriptor, size: 4, algorithm: 'md5' }
const digest = '1cb251ec0d568de6a929b520c4aed8d1'
const poolOf = (module: string, idleTime?: number) =>
  workerPool<HashTask, HashReply>({ module: siblingModule(import.meta.url, module), size: 2, idleTime })

describe('a pool of workers', () => {
  it('does many more tasks than it has workers', async () => {
    const pool = poolOf('./hash-worker')
    const replies = await Promise.all(Array.from({ length: 20 }, () => pool.run(task)))
    expect(replies).toEqual(replies.map(() => ({ digest })))
    await pool.close()
  })

  it('loses no task to a worker that is just being retired', async () => {
    const pool = poolOf('./hash-worker', 3)
    for (let round = 0; round < 12; round++) {
      expect(await pool.run(task)).toEqual({ digest })
      // Around the moment of retirement, now before, now after it.
      await setTimeout(2 + (round % 3))
    }
    await pool.close()
  })

  it('passes on the error of a task, with its code, and goes on', async () => {
    const pool = poolOf('./hash-worker')
    await expect(pool.run({ ...task, descriptor: 1_000_000 })).rejects.toMatchObject({ code: 'EBADF' })
    expect(await pool.run(task)).toEqual({ digest })
    await pool.close()
  })

  it('rejects every task when the worker cannot start', async () => {
    const pool = poolOf('./no-such-worker')
    const results = await Promise.allSettled([pool.run(task), pool.run(task), pool.run(task)])
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected'])
    await pool.close()
  })

  it('rejects what waits when its signal is aborted or the pool is closed', async () => {
    const pool = poolOf('./hash-worker')
    const controller = new AbortController()
    const running = [pool.run(task), pool.run(task)]
    const called = pool.run(task, controller.signal)
    const waiting = pool.run(task)
    controller.abort()
    await expect(called).rejects.toSatisfy((error) => StorageError.is(error, 'Aborted'))
    const settled = Promise.allSettled([...running, waiting])
    await pool.close()
    expect((await settled).at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'Unavailable' } })
    await expect(pool.run(task)).rejects.toSatisfy((error) => StorageError.is(error, 'Unavailable'))
  })
})
