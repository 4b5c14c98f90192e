import { StorageError } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { createTurns } from './turns.ts'

const { signal } = new AbortController()

describe('turns', () => {
  it('come one after the other when there are enough at work', async () => {
    const turns = createTurns({ atOnce: 2, mostWaiting: 5, patience: 60_000 })
    const [first, second] = [await turns.take(signal), await turns.take(signal)]
    const order: string[] = []
    const third = turns.take(signal).then((end) => (order.push('third'), end))
    const fourth = turns.take(signal).then((end) => (order.push('fourth'), end))
    first()
    first()
    const endThird = await third
    expect(order).toEqual(['third'])
    endThird()
    ;(await fourth)()
    second()
    expect(order).toEqual(['third', 'fourth'])
  })

  it('are refused when too many wait, or when none comes', async () => {
    const turns = createTurns({ atOnce: 1, mostWaiting: 1, patience: 5 })
    const end = await turns.take(signal)
    const waits = turns.take(signal)
    await expect(turns.take(signal)).rejects.toThrow('Too many archives')
    await expect(waits).rejects.toThrow('Too many archives')
    end()
    ;(await turns.take(signal))()
  })

  it('are given up by who leaves', async () => {
    const turns = createTurns({ atOnce: 1, mostWaiting: 1, patience: 60_000 })
    const end = await turns.take(signal)
    const leaving = new AbortController()
    const waits = turns.take(leaving.signal)
    leaving.abort()
    expect(StorageError.is(await waits.catch((error: unknown) => error), 'Aborted')).toBe(true)
    const next = turns.take(signal)
    end()
    ;(await next)()
  })
})
