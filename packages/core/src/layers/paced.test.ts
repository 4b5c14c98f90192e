import { describe, expect, it } from 'vitest'
import { StorageError } from '../error.ts'
import { memory } from '../memory.ts'
import { parsePath } from '../path.ts'
import { faulty } from '../testing/faulty.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { paced } from './paced.ts'
import { createPacer } from './pacer.ts'

const path = parsePath('a.txt')

describe('the pace layer', () => {
  it('paces every operation of every driver that shares the pacer', async () => {
    const clock = manualClock()
    const layer = paced(createPacer({ perSecond: 10 }, clock))
    const [one, other] = [layer(memory({ 'a.txt': 'x' })), layer(memory({ 'a.txt': 'x' }))]
    const done: number[] = []
    const calls = [() => one.stat(path), () => other.read(path), () => one.list(parsePath('')), () => other.stat(path)]
    const timed = async (call: () => Promise<unknown>): Promise<void> => {
      await call()
      done.push(clock.now())
    }
    const all = Promise.all(calls.map(timed))
    await clock.advance(1000)
    await all
    expect(done).toEqual([0, 100, 200, 300])
  })

  it('holds the next call back for as long as a throttled one was told to wait', async () => {
    const clock = manualClock()
    const inner = faulty(memory({ 'a.txt': 'x' }))
    const driver = paced(createPacer({}, clock))(inner)
    inner.fail('stat', new StorageError('Throttled', 'Slow down.', { retryAfter: 2 }))
    await expect(driver.stat(path)).rejects.toMatchObject({ code: 'Throttled' })
    const next = driver.stat(path)
    await clock.advance(1999)
    expect(inner.calls).toHaveLength(1)
    await clock.advance(1)
    expect(await next).toMatchObject({ kind: 'file' })
  })

  it('lets the reader of a body take its time without holding others up', async () => {
    const driver = paced(createPacer({ concurrency: 1 }))(memory({ 'a.txt': 'x' }))
    const { body } = await driver.read(path)
    expect(await driver.stat(path)).toMatchObject({ kind: 'file' })
    await body.cancel()
  })
})
