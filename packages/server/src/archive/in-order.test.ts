import { describe, expect, it } from 'vitest'
import { inOrder } from './in-order.ts'

async function* numbers(count: number): AsyncGenerator<number, void, undefined> {
  for (let number = 0; number < count; number++) yield number
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

describe('inOrder', () => {
  it('gives results in the order of the items, however long each takes', async () => {
    const work = async (number: number): Promise<number> => {
      for (let turns = (number * 7) % 5; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve))
      return number
    }
    expect(await all(inOrder(numbers(50), work, { most: 8 }))).toEqual(Array.from({ length: 50 }, (_, n) => n))
  })

  it('has no more under way than it may, in number and in weight', async () => {
    for (const [limits, expected] of [
      [{ most: 3 }, 3],
      [{ most: 100, weigh: () => 10, heaviest: 40 }, 4],
    ] as const) {
      let running = 0
      let peak = 0
      const work = async (): Promise<void> => {
        peak = Math.max(peak, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running -= 1
      }
      await all(inOrder(numbers(30), work, limits))
      expect(peak).toBe(expected)
    }
  })

  it('throws an error when its turn comes, and waits for what has begun', async () => {
    let running = 0
    const work = async (number: number): Promise<number> => {
      running += 1
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      if (number === 2) throw new Error('the third')
      return number
    }
    const seen: number[] = []
    await expect(async () => {
      for await (const number of inOrder(numbers(10), work, { most: 4 })) seen.push(number)
    }).rejects.toThrow('the third')
    expect(seen).toEqual([0, 1])
    expect(running).toBe(0)
  })

  it('ends its source when the loop is left', async () => {
    let ended = false
    async function* source(): AsyncGenerator<number, void, undefined> {
      try {
        for (let number = 0; ; number++) yield number
      } finally {
        ended = true
      }
    }
    for await (const number of inOrder(source(), async (item) => item, { most: 2 })) if (number === 3) break
    expect(ended).toBe(true)
  })
})
