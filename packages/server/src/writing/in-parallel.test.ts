import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { inParallel } from './in-parallel.ts'

const never = new AbortController().signal

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 0; number < count; number++) yield number
}

describe('work in parallel', () => {
  it('is done on every item, never on more than so many at a time', async () => {
    const done: number[] = []
    let running = 0
    let most = 0
    await inParallel(numbers(20), 3, never, async (item) => {
      most = Math.max(most, ++running)
      for (let turn = 0; turn <= item % 4; turn++) await setImmediate()
      running -= 1
      done.push(item)
    })
    expect(done.toSorted((a, b) => a - b)).toEqual([...Array.from({ length: 20 }).keys()])
    expect(most).toBe(3)
  })

  it('ends with the first failure, once the rest has been told to stop and has stopped', async () => {
    const begun: number[] = []
    let stopped = 0
    const working = inParallel(numbers(20), 3, never, (item, signal) => {
      begun.push(item)
      if (item === 2) return Promise.reject(new Error('two'))
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped += 1
          reject(new Error('stopped'))
        })
      })
    })
    await expect(working).rejects.toThrow('two')
    expect([begun, stopped]).toEqual([[0, 1, 2], 2])
  })

  it('fails when there are no more items to be had, after what runs', async () => {
    let finished = false
    async function* broken(): AsyncGenerator<number> {
      yield 1
      throw new Error('no more')
    }
    const working = inParallel(broken(), 3, never, async () => {
      for (let pause = 0; pause < 5; pause++) await Promise.resolve()
      finished = true
    })
    await expect(working).rejects.toThrow('no more')
    expect(finished).toBe(true)
  })
})
