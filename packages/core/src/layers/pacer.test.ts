import { describe, expect, it } from 'vitest'
import { StorageError } from '../error.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { createPacer, type Pace } from './pacer.ts'

const throttled = (retryAfter?: number): StorageError => new StorageError('Throttled', 'Slow down.', { retryAfter })

function setUp(pace: Pace) {
  const clock = manualClock()
  const pacer = createPacer(pace, clock)
  const starts: number[] = []
  /** Starts so many tasks at once; each takes no time. */
  const ask = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => pacer.run(async () => void starts.push(clock.now()))))
  /** A task that ends in being throttled. */
  const refuse = (retryAfter?: number): Promise<unknown> =>
    Promise.allSettled([pacer.run(() => Promise.reject(throttled(retryAfter)))])
  return { clock, pacer, starts, ask, refuse }
}

describe('a pacer', () => {
  it('starts everything at once when nothing is limited', async () => {
    const { starts, ask } = setUp({})
    await ask(5)
    expect(starts).toEqual([0, 0, 0, 0, 0])
  })

  it('spaces requests evenly', async () => {
    const { clock, starts, ask } = setUp({ perSecond: 10 })
    const all = ask(4)
    await clock.advance(1000)
    await all
    expect(starts).toEqual([0, 100, 200, 300])
  })

  it('lets a burst through after a quiet time, and earns it back with time', async () => {
    const { clock, starts, ask } = setUp({ perSecond: 10, burst: 3 })
    const first = ask(5)
    await clock.advance(1000)
    await first
    expect(starts).toEqual([0, 0, 0, 100, 200])
    const second = ask(4)
    await clock.advance(1000)
    await second
    expect(starts.slice(5)).toEqual([1000, 1000, 1000, 1100])
  })

  it('takes 0 for no limit', async () => {
    const { starts, ask } = setUp({ perSecond: 0, burst: 0, concurrency: 0 })
    await ask(3)
    expect(starts).toEqual([0, 0, 0])
  })

  it('keeps no more calls under way than it may, in the order they came', async () => {
    const { pacer } = setUp({ concurrency: 2 })
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
    const started: number[] = []
    const runs = gates.map(({ promise }, place) =>
      pacer.run(() => {
        started.push(place)
        return promise
      }),
    )
    await new Promise((resolve) => void setImmediate(resolve))
    expect(started).toEqual([0, 1])
    gates[1]?.resolve()
    await runs[1]
    await new Promise((resolve) => void setImmediate(resolve))
    expect(started).toEqual([0, 1, 2])
    for (const { resolve } of gates) resolve()
    await Promise.all(runs)
    expect(started).toEqual([0, 1, 2, 3])
  })

  it('frees the place of a task that fails', async () => {
    const { pacer } = setUp({ concurrency: 1 })
    await expect(pacer.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await pacer.run(async () => 'next')).toBe('next')
  })

  it('halves the rate when the vendor throttles, and recovers with successes', async () => {
    const { clock, starts, ask, refuse } = setUp({ perSecond: 10 })
    await refuse()
    const slow = ask(12)
    await clock.advance(10_000)
    await slow
    const gaps = starts.slice(1).map((start, place) => start - (starts[place] ?? 0))
    expect(gaps[0]).toBeGreaterThan(150)
    expect(gaps.at(-1)).toBe(100)
    expect(gaps.slice(0, -1).every((gap, place) => gap >= (gaps[place + 1] ?? 0))).toBe(true)
  })

  it('slows down once for the refusals of one burst', async () => {
    const { clock, pacer, starts, ask } = setUp({ perSecond: 10, burst: 5 })
    await Promise.allSettled(Array.from({ length: 5 }, () => pacer.run(() => Promise.reject(throttled()))))
    const slow = ask(2)
    await clock.advance(10_000)
    await slow
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeLessThanOrEqual(200)
  })

  it('waits after a refusal no longer because of the burst before it, and gives out no second burst', async () => {
    const { clock, starts, ask, refuse } = setUp({ perSecond: 10, burst: 100 })
    await ask(99)
    await refuse()
    const slow = ask(30)
    await clock.advance(1000)
    expect(starts.length - 99).toBeGreaterThanOrEqual(4)
    await clock.advance(10_000)
    await slow
    const gaps = starts.slice(99).map((start, place) => start - (starts[98 + place] ?? 0))
    expect(gaps[0]).toBe(200)
    // At the usual pace again, what was saved by going slowly may come at once, and no more of the burst.
    expect(gaps.filter((gap) => gap < 100).length).toBeLessThan(10)
  })

  it('starts nothing while the vendor asks for a pause', async () => {
    const { clock, starts, ask, refuse } = setUp({})
    await refuse(5)
    const later = ask(1)
    await clock.advance(4999)
    expect(starts).toEqual([])
    await clock.advance(1)
    await later
    expect(starts).toEqual([5000])
  })

  it('keeps nobody waiting for a vendor that wants to be left alone for long, and says for how long', async () => {
    const { clock, pacer, starts, ask } = setUp({ concurrency: 1 })
    const refused = Promise.withResolvers<void>()
    const first = pacer.run(() => refused.promise)
    const waiting = [first, ask(1)].map((run) => run.then(undefined, (error: unknown) => error))
    refused.reject(throttled(3600))
    expect((await Promise.all(waiting))[1]).toMatchObject({ code: 'Throttled', fate: 'persistent', retryAfter: 3600 })
    await clock.advance(1_000_000)
    await expect(ask(1)).rejects.toMatchObject({ code: 'Throttled', retryAfter: 2600 })
    expect(clock.asleep).toBe(0)
    await clock.advance(2_550_000)
    const soon = ask(1)
    await clock.advance(50_000)
    await soon
    expect(starts).toEqual([3_600_000])
  })

  it('asks again after an hour, whatever the vendor wanted', async () => {
    const { clock, starts, ask, refuse } = setUp({})
    await refuse(99_999_999_999)
    await expect(ask(1)).rejects.toMatchObject({ code: 'Throttled', retryAfter: 3600 })
    await clock.advance(3_600_000)
    await ask(1)
    expect(starts).toEqual([3_600_000])
  })

  it('lets a waiting caller go when it aborts, and keeps no timer for nobody', async () => {
    const { clock, pacer, refuse } = setUp({})
    await refuse(60)
    const controller = new AbortController()
    const waiting = pacer.run(async () => 'too late', controller.signal)
    await clock.advance(1)
    expect(clock.asleep).toBe(1)
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'Aborted' })
    await clock.advance(1)
    expect(clock.asleep).toBe(0)
    const next = pacer.run(async () => 'next')
    await clock.advance(60_000)
    expect(await next).toBe('next')
  })

  it('runs nothing for a caller that has aborted already', async () => {
    const { pacer } = setUp({})
    await expect(pacer.run(async () => 'x', AbortSignal.abort())).rejects.toMatchObject({ code: 'Aborted' })
  })
})
