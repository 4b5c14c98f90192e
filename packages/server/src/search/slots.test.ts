import { describe, expect, it } from 'vitest'
import { createSlots } from './slots.ts'

const never = new AbortController().signal

describe('slots', () => {
  it('let only so many run, and the others in the order they came', async () => {
    const slots = createSlots({ running: 1, waiting: 2, longestWait: 60_000 })
    const first = await slots.take(never)
    const order: string[] = []
    const run = async (name: string): Promise<void> => {
      const release = await slots.take(never)
      order.push(name)
      release()
    }
    const second = run('second')
    const third = run('third')
    await expect(slots.take(never)).rejects.toMatchObject({ code: 'Throttled', retryAfter: 2 })
    expect(order).toEqual([])
    first()
    first()
    await Promise.all([second, third])
    expect(order).toEqual(['second', 'third'])
    ;(await slots.take(never))()
  })

  it('refuse who has waited too long', async () => {
    const slots = createSlots({ running: 1, waiting: 1, longestWait: 1 })
    await slots.take(never)
    await expect(slots.take(never)).rejects.toMatchObject({ code: 'Throttled' })
  })

  it('forget who leaves while waiting', async () => {
    const slots = createSlots({ running: 1, waiting: 1, longestWait: 60_000 })
    const release = await slots.take(never)
    const leaving = new AbortController()
    const waiting = slots.take(leaving.signal)
    leaving.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'Aborted' })
    await expect(slots.take(leaving.signal)).rejects.toMatchObject({ code: 'Aborted' })
    const next = slots.take(never)
    release()
    ;(await next)()
  })
})
