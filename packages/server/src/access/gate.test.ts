import { describe, expect, test } from 'vitest'
import { createGate } from './gate.ts'

describe('createGate', () => {
  test('runs so many at a time, the others in order, and refuses what is too much', async () => {
    const gate = createGate(2, 2)
    const finish: (() => void)[] = []
    const started: number[] = []
    const task = (number: number) =>
      gate(async () => {
        started.push(number)
        await new Promise<void>((resolve) => finish.push(resolve))
        return number
      })
    const results = [task(1), task(2), task(3), task(4)]
    await expect(task(5)).rejects.toMatchObject({ code: 'Unavailable', retryAfter: 1 })
    expect(started).toEqual([1, 2])
    finish[0]?.()
    await results[0]
    expect(started).toEqual([1, 2, 3])
    finish[1]?.()
    await results[1]
    finish[2]?.()
    finish[3]?.()
    expect(await Promise.all(results)).toEqual([1, 2, 3, 4])
  })

  test('goes on after a task that failed', async () => {
    const gate = createGate(1, 1)
    await expect(gate(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await gate(async () => 'fine')).toBe('fine')
  })
})
