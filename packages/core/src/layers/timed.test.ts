import { describe, expect, it } from 'vitest'
import { collectBytes } from '../byte-stream.ts'
import type { ReadResult, StorageDriver } from '../contract.ts'
import { memory } from '../memory.ts'
import { parsePath } from '../path.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { pulledBody } from './pulled.ts'
import { timed } from './timed.ts'

const path = parsePath('a.txt')
const limits = { quick: 1000, slow: 5000, idle: 2000 }
const never = <Result>(): Promise<Result> => new Promise(() => {})

/** What the work rejects with; watched from now on, while the test moves the clock. */
const failure = (work: Promise<unknown> | undefined): Promise<unknown> | undefined =>
  work?.then(
    () => 'it did not fail',
    (error: unknown) => error,
  )

function setUp(changes: Partial<StorageDriver>) {
  const clock = manualClock()
  const base = memory({ 'a.txt': 'hello' })
  return { clock, base, driver: timed(limits, clock)({ ...base, ...changes }) }
}

describe('the time layer', () => {
  it('gives up on a call that does not answer, and aborts what is behind it', async () => {
    let seen: AbortSignal | undefined
    const { clock, driver } = setUp({
      stat(_path, options) {
        seen = options?.signal
        return never()
      },
    })
    const outcome = failure(driver.stat(path))
    await clock.advance(999)
    expect(seen?.aborted).toBe(false)
    await clock.advance(1)
    expect(await outcome).toMatchObject({
      code: 'TimedOut',
      fate: 'temporary',
      operation: 'stat',
      path: 'a.txt',
    })
    expect(seen?.aborted).toBe(true)
    expect(seen?.reason).toMatchObject({ code: 'TimedOut' })
  })

  it('gives more time to calls that make the vendor work', async () => {
    const { clock, driver } = setUp({ hash: () => never() })
    let over = false
    const call = driver.hash?.(path, { algorithm: 'sha256' }).catch(() => {
      over = true
    })
    await clock.advance(4999)
    expect(over).toBe(false)
    await clock.advance(1)
    await call
    expect(over).toBe(true)
  })

  it('leaves no timer behind', async () => {
    const { clock, driver } = setUp({})
    await driver.stat(path)
    await collectBytes((await driver.read(path)).body)
    await clock.advance(0)
    expect(clock.asleep).toBe(0)
  })

  it('passes the abort of the caller on', async () => {
    const { driver } = setUp({})
    await expect(driver.stat(path, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'Aborted' })
  })

  it('gives up on a body that gives nothing for too long', async () => {
    const cancelled: unknown[] = []
    let reads = 0
    const body = pulledBody({
      next: () => (reads++ === 0 ? Promise.resolve(Buffer.from('first')) : never()),
      cancel: async (reason) => void cancelled.push(reason),
    })
    const { clock, driver, base } = setUp({ read: async (at) => ({ ...(await base.read(at)), body }) })
    const reader = (await driver.read(path)).body.getReader()
    await reader.read()
    const second = failure(reader.read())
    await clock.advance(2000)
    expect(await second).toMatchObject({ code: 'TimedOut', operation: 'read' })
    expect(cancelled).toHaveLength(1)
  })

  it('lets the consumer of a body be as slow as it likes', async () => {
    const { clock, driver } = setUp({})
    const { body } = await driver.read(path)
    await clock.advance(1_000_000)
    expect(Buffer.from(await collectBytes(body)).toString()).toBe('hello')
  })

  it('keeps the signal of a read alive until its body is over', async () => {
    const { driver } = setUp({})
    const controller = new AbortController()
    const { body } = await driver.read(path, { signal: controller.signal })
    controller.abort()
    await expect(collectBytes(body)).rejects.toMatchObject({ code: 'Aborted' })
  })

  it('cancels the body of an answer that comes too late', async () => {
    const late = Promise.withResolvers<ReadResult>()
    const { clock, driver, base } = setUp({ read: () => late.promise })
    const call = failure(driver.read(path))
    await clock.advance(1000)
    expect(await call).toMatchObject({ code: 'TimedOut' })
    const cancelled = Promise.withResolvers<unknown>()
    const body = pulledBody({ next: never, cancel: async (reason) => cancelled.resolve(reason) })
    late.resolve({ ...(await base.read(path)), body })
    expect(await cancelled.promise).toMatchObject({ code: 'TimedOut' })
  })

  it('gives up on a write that takes no more bytes and does not finish', async () => {
    const cancelled: unknown[] = []
    const { clock, driver } = setUp({
      async write(_path, { body }) {
        await body.getReader().read()
        return never()
      },
    })
    const body = pulledBody({
      next: async () => Buffer.from('chunk'),
      cancel: async (reason) => void cancelled.push(reason),
    })
    const call = failure(driver.write?.(path, { body }))
    await clock.advance(4999)
    expect(cancelled).toEqual([])
    await clock.advance(1)
    expect(await call).toMatchObject({ code: 'TimedOut', operation: 'write' })
    expect(cancelled).toHaveLength(1)
  })

  it('gives a write time that goes on after it took all bytes, as long as it says so', async () => {
    const { clock, driver } = setUp({
      async write(_path, { body, progressed }) {
        await body.getReader().read()
        for (let step = 0; step < 3; step++) {
          await clock.sleep(4000)
          progressed?.()
        }
        return never()
      },
    })
    const body = pulledBody({ next: async () => Buffer.from('chunk'), async cancel() {} })
    let isOver = false
    const call = failure(driver.write?.(path, { body }))
    void call?.then(() => {
      isOver = true
    })
    for (let step = 0; step < 4; step++) await clock.advance(4000)
    expect(isOver).toBe(false)
    await clock.advance(1000)
    expect(await call).toMatchObject({ code: 'TimedOut' })
  })

  it('does not blame the vendor for a source that is slow to give bytes', async () => {
    const { clock, driver } = setUp({})
    const more = Promise.withResolvers<Uint8Array | undefined>()
    const body = pulledBody({ next: () => more.promise, async cancel() {} })
    const call = driver.write?.(path, { body })
    await clock.advance(1_000_000)
    more.resolve(undefined)
    expect(await call).toMatchObject({ size: 0 })
    await clock.advance(0)
    expect(clock.asleep).toBe(0)
  })

  it('does not wait for a body that cannot even be cancelled', async () => {
    const body = pulledBody({ next: () => never(), cancel: () => never() })
    const { clock, driver } = setUp({
      read: async () => ({ entry: { kind: 'file', path, name: 'a.txt', size: 5 }, body }),
    })
    const result = await driver.read(path)
    const outcome = failure(collectBytes(result.body))
    await clock.advance(limits.idle)
    expect(await outcome).toMatchObject({ code: 'TimedOut' })
  })
})
