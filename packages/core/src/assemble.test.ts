import { describe, expect, it } from 'vitest'
import { assemble } from './assemble.ts'
import { collectBytes } from './byte-stream.ts'
import { StorageError } from './error.ts'
import type { Observation } from './layers/observed.ts'
import { pulledBody } from './layers/pulled.ts'
import { memory } from './memory.ts'
import { parsePath } from './path.ts'
import { faulty } from './testing/faulty.ts'
import { manualClock } from './testing/manual-clock.ts'

const oneDrive = 57_386_894
const status = (code: number, headers: Record<string, string> = {}): Error =>
  Object.assign(new Error('vendor'), { status: code, headers })

describe('all layers together', () => {
  it('take a vendor error through classification, pacing and retrying to one observation', async () => {
    const clock = manualClock()
    const inner = faulty(memory({ 'why？': 'x' }))
    const seen: Observation[] = []
    const driver = assemble(inner, {
      mask: oneDrive,
      clock,
      observe: (one) => void seen.push(one),
      cache: { timeToLive: 60_000 },
    })
    inner.fail('stat', status(429, { 'retry-after': '3' }), status(503))
    const first = driver.stat(parsePath('why?'))
    await clock.advance(2999)
    expect(inner.calls).toHaveLength(1)
    await clock.advance(7000)
    expect(await first).toMatchObject({ path: 'why?' })
    await driver.stat(parsePath('why?'))
    expect(inner.calls.map(({ path }) => path)).toEqual(['why？', 'why？', 'why？'])
    expect(seen).toMatchObject([{ operation: 'stat', path: 'why?', outcome: 'ok' }])
  })

  it('explain a lasting failure in the words of users', async () => {
    const inner = faulty(memory({}))
    const clock = manualClock()
    const driver = assemble(inner, { mask: oneDrive, clock })
    inner.fail('stat', ...Array.from({ length: 9 }, () => status(503)))
    const failing = driver.stat(parsePath('why?')).catch((problem: unknown) => problem)
    await clock.advance(30_000)
    const error = await failing
    expect(error).toMatchObject({ code: 'Unavailable', fate: 'persistent', operation: 'stat', path: 'why?' })
    expect(StorageError.is(error)).toBe(true)
    expect(inner.calls).toHaveLength(4)
  })

  it('wait for a vendor that hangs twice as long as for one try, and no longer', async () => {
    const clock = manualClock()
    const inner = faulty(memory({ 'a.txt': 'x' }))
    const driver = assemble(inner, { clock, retries: { random: () => 1 } })
    const hang = (): Promise<never> => new Promise(() => {})
    inner.fail('read', hang, hang, hang)
    const failing = driver.read(parsePath('a.txt')).catch((problem: unknown) => problem)
    await clock.advance(120_249)
    expect(inner.calls).toHaveLength(2)
    expect(clock.asleep).toBe(1)
    await clock.advance(1)
    expect(await failing).toMatchObject({ code: 'TimedOut', fate: 'persistent' })
    expect(clock.asleep).toBe(0)
  })

  it('give up a body that hangs however often it is opened', async () => {
    const clock = manualClock()
    const base = memory({ 'a.txt': 'x' })
    let opened = 0
    const driver = assemble(
      {
        ...base,
        async read(path, options) {
          opened += 1
          const result = await base.read(path, options)
          return { ...result, body: pulledBody({ next: () => new Promise(() => {}), cancel: async () => {} }) }
        },
      },
      { clock, retries: { random: () => 1 } },
    )
    const { body } = await driver.read(parsePath('a.txt'))
    const failing = collectBytes(body).catch((problem: unknown) => problem)
    await clock.advance(180_750)
    expect(await failing).toMatchObject({ code: 'TimedOut', fate: 'persistent' })
    expect([opened, clock.asleep]).toEqual([3, 0])
  })

  it('do not let a call that waits for its turn time out', async () => {
    const clock = manualClock()
    const driver = assemble(memory({ 'a.txt': 'x' }), { clock, pace: { perSecond: 0.01 }, limits: { quick: 1000 } })
    const calls = Promise.all([driver.stat(parsePath('a.txt')), driver.stat(parsePath('a.txt'))])
    await clock.advance(99_999)
    expect(clock.asleep).toBeGreaterThan(0)
    await clock.advance(1)
    expect(await calls).toHaveLength(2)
  })

  it('free the place of a call that hangs', async () => {
    const clock = manualClock()
    const inner = faulty(memory({ 'a.txt': 'x' }))
    const driver = assemble(inner, {
      clock,
      pace: { concurrency: 1 },
      limits: { quick: 1000 },
      retries: { attempts: 1 },
    })
    inner.fail('stat', () => new Promise(() => {}))
    const hanging = driver.stat(parsePath('a.txt')).catch((problem: unknown) => problem)
    const next = driver.stat(parsePath('a.txt'))
    await clock.advance(1000)
    expect(await hanging).toMatchObject({ code: 'TimedOut' })
    expect(await next).toMatchObject({ kind: 'file' })
  })

  it('remember nothing under another spelling of a changed path', async () => {
    const driver = assemble(memory({ 'a\nb': 'x' }), { mask: 1, cache: {} })
    await driver.stat(parsePath('a\nb'))
    await driver.remove?.(parsePath('a␊b'))
    await expect(driver.stat(parsePath('a\nb'))).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('leave names alone without a mask', async () => {
    const driver = assemble(memory({ 'line\nbreak': 'x' }))
    expect(await driver.stat(parsePath('line\nbreak'))).toMatchObject({ name: 'line\nbreak' })
  })

  it('carry a body through unchanged', async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, place) => place % 251)
    const driver = assemble(memory({ 'a.bin': bytes }), { mask: oneDrive, observe: () => {}, cache: {} })
    const { body } = await driver.read(parsePath('a.bin'))
    expect(Buffer.compare(await collectBytes(body), bytes)).toBe(0)
  })
})
