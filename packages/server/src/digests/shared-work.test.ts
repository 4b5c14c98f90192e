import { describe, expect, it } from 'vitest'
import { createSharedWork } from './shared-work.ts'

const never = new AbortController().signal

/** Work that is begun as often as `begun` says, and ends when told to. */
function countedWork() {
  const signals: AbortSignal[] = []
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const work = (signal: AbortSignal): Promise<string> => {
    signals.push(signal)
    return promise
  }
  return { work, resolve, reject, signals }
}

describe('shared work', () => {
  it('is done once for all who ask meanwhile, and again for who asks later', async () => {
    const shared = createSharedWork<string>()
    const { work, resolve, signals } = countedWork()
    const all = Promise.all([shared.join('a', never, work), shared.join('a', never, work)])
    resolve('done')
    expect(await all).toEqual(['done', 'done'])
    expect(signals.length).toBe(1)
    await shared.join('a', never, work)
    expect(signals.length).toBe(2)
  })

  it('goes on when one leaves and is aborted when the last does', async () => {
    const shared = createSharedWork<string>()
    const { work, signals } = countedWork()
    const [one, other] = [new AbortController(), new AbortController()]
    const first = shared.join('a', one.signal, work)
    const second = shared.join('a', other.signal, work)
    one.abort()
    await expect(first).rejects.toMatchObject({ code: 'Aborted' })
    expect(signals[0]?.aborted).toBe(false)
    other.abort()
    await expect(second).rejects.toMatchObject({ code: 'Aborted' })
    expect(signals[0]?.aborted).toBe(true)
  })

  it('is begun anew for who comes after everybody has left', async () => {
    const shared = createSharedWork<string>()
    const { work } = countedWork()
    const leaving = new AbortController()
    const left = shared.join('a', leaving.signal, work)
    leaving.abort()
    await expect(left).rejects.toMatchObject({ code: 'Aborted' })
    expect(await shared.join('a', never, async () => 'fresh')).toBe('fresh')
  })

  it('fails for all who wait, and is not remembered as failed', async () => {
    const shared = createSharedWork<string>()
    const { work, reject } = countedWork()
    const both = [shared.join('a', never, work), shared.join('a', never, work)]
    reject(new Error('bad luck'))
    for (const outcome of await Promise.allSettled(both)) expect(outcome.status).toBe('rejected')
    expect(await shared.join('a', never, async () => 'better')).toBe('better')
  })
})
