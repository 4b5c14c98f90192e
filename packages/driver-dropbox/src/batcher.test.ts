import { describe, expect, it, vi } from 'vitest'
import { type BatchRules, createBatcher } from './batcher.ts'

const hour = 3_600_000

/** A batcher of texts, each its own key, that says in which batches they were settled. */
function texts(rules: Partial<BatchRules<string, string>> = {}) {
  const batches: string[][] = []
  const batcher = createBatcher<string, string>({
    size: 'under-way',
    idle: hour,
    keyOf: (item) => item,
    async settle(items) {
      batches.push([...items])
      return items.map((item) =>
        item.startsWith('bad')
          ? { status: 'rejected', reason: new Error(`${item} is refused`) }
          : { status: 'fulfilled', value: item.toUpperCase() },
      )
    },
    ...rules,
  })
  return { batcher, batches }
}

const put = async (batcher: ReturnType<typeof texts>['batcher'], item: string, signal?: AbortSignal) => {
  const { settled } = await batcher.submit(async () => item, signal)
  return settled
}

describe('a batch', () => {
  it('is complete as soon as nothing more is on its way into it', async () => {
    const { batcher, batches } = texts()
    const slow = Promise.withResolvers<string>()
    const [first, second] = [put(batcher, 'a'), batcher.submit(() => slow.promise)]
    await Promise.resolve()
    expect(batches).toEqual([])
    slow.resolve('b')
    expect([await first, await (await second).settled]).toEqual(['A', 'B'])
    expect(batches).toEqual([['a', 'b']])
    await put(batcher, 'alone')
    expect(batches).toEqual([['a', 'b'], ['alone']])
  })

  it('does not wait for what never comes', async () => {
    const { batcher, batches } = texts()
    const failing = Promise.withResolvers<string>()
    const [first, second] = [put(batcher, 'a'), batcher.submit(() => failing.promise)]
    failing.reject(new Error('the sender is gone'))
    await expect(second).rejects.toThrow('the sender is gone')
    expect(await first).toBe('A')
    expect(batches).toEqual([['a']])
  })

  it('holds no more than it may', async () => {
    const { batcher, batches } = texts({ size: 2 })
    await Promise.all(['a', 'b', 'c', 'd'].map((item) => put(batcher, item)))
    expect(batches).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  it('is complete after a while in which nothing came', async () => {
    vi.useFakeTimers()
    try {
      const { batcher, batches } = texts({ size: 100, idle: 500 })
      const first = put(batcher, 'a')
      await vi.advanceTimersByTimeAsync(400)
      const second = put(batcher, 'b')
      await vi.advanceTimersByTimeAsync(400)
      expect(batches).toEqual([])
      await vi.advanceTimersByTimeAsync(100)
      expect(await Promise.all([first, second])).toEqual(['A', 'B'])
      expect(batches).toEqual([['a', 'b']])
    } finally {
      vi.useRealTimers()
    }
  })

  it('does not wait for ever for what comes every now and then', async () => {
    vi.useFakeTimers()
    try {
      const { batcher, batches } = texts({ idle: 500 })
      const slow = batcher.submit(() => new Promise<string>(() => {}))
      void slow
      const items = ['a', 'b', 'c'].map(async (item, place) => {
        await new Promise((resume) => setTimeout(resume, place * 300))
        return put(batcher, item)
      })
      await vi.advanceTimersByTimeAsync(499)
      expect(batches).toEqual([])
      await vi.advanceTimersByTimeAsync(1)
      expect(batches).toEqual([['a', 'b']])
      await vi.advanceTimersByTimeAsync(1000)
      expect(await Promise.all(items)).toEqual(['A', 'B', 'C'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('takes in what comes while the one before is settled', async () => {
    const begun: string[][] = []
    const held = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    const { batcher } = texts({
      async settle(items) {
        begun.push([...items])
        await held[begun.length - 1]?.promise
        return items.map((value) => ({ status: 'fulfilled', value }))
      },
    })
    const first = put(batcher, 'a')
    await vi.waitFor(() => expect(begun).toEqual([['a']]))
    const others = [put(batcher, 'b')]
    await new Promise((resume) => setImmediate(resume))
    others.push(put(batcher, 'c'))
    await new Promise((resume) => setImmediate(resume))
    expect(begun).toEqual([['a']])
    for (const { resolve } of held) resolve(undefined)
    expect(await Promise.all([first, ...others])).toEqual(['a', 'b', 'c'])
    expect(begun).toEqual([['a'], ['b', 'c']])
  })

  it('does not make anything more while too many are not settled', async () => {
    const held = Promise.withResolvers<undefined>()
    const { batcher } = texts({
      size: 1,
      mostSettling: 2,
      async settle(items) {
        await held.promise
        return items.map((value) => ({ status: 'fulfilled', value }))
      },
    })
    const made: string[] = []
    const make = async (item: string): Promise<string> => {
      const { settled } = await batcher.submit(async () => {
        made.push(item)
        return item
      })
      return settled
    }
    const early = ['a', 'b'].map(make)
    await new Promise((resume) => setImmediate(resume))
    const late = ['c', 'd'].map(make)
    await new Promise((resume) => setImmediate(resume))
    expect(made).toEqual(['a', 'b'])
    held.resolve(undefined)
    expect(await Promise.all([...early, ...late])).toEqual(['a', 'b', 'c', 'd'])
  })

  it('never has two items of one key', async () => {
    const { batcher, batches } = texts({ size: 100, keyOf: () => 'one' })
    const both = [put(batcher, 'a'), put(batcher, 'b')]
    await Promise.resolve()
    await batcher.flush()
    expect(await Promise.all(both)).toEqual(['A', 'B'])
    expect(batches).toEqual([['a'], ['b']])
  })

  it('tells each its own result, also that of a batch that fails as a whole', async () => {
    const { batcher } = texts()
    const results = await Promise.allSettled(['a', 'bad', 'c'].map((item) => put(batcher, item)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const broken = texts({ settle: () => Promise.reject(new Error('no answer')) })
    await expect(put(broken.batcher, 'a')).rejects.toThrow('no answer')
    const short = texts({ settle: async () => [] })
    await expect(put(short.batcher, 'a')).rejects.toThrow('no result')
  })

  it('loses what is called off before it is complete, and nothing after', async () => {
    const { batcher, batches } = texts({ size: 100 })
    const leaving = new AbortController()
    const [gone, stays] = [put(batcher, 'gone', leaving.signal), put(batcher, 'stays')]
    await vi.waitFor(() => expect(gone).toBeInstanceOf(Promise))
    await Promise.resolve()
    leaving.abort()
    await expect(gone).rejects.toMatchObject({ code: 'Aborted' })
    await batcher.flush()
    expect([await stays, batches]).toEqual(['STAYS', [['stays']]])
    leaving.abort()
  })

  it('lets go at once of who calls off while it waits or is settled, and leaves out what can still be left out', async () => {
    const begun: string[][] = []
    const held = Promise.withResolvers<undefined>()
    const { batcher } = texts({
      size: 1,
      async settle(items) {
        begun.push([...items])
        await held.promise
        return items.map((value) => ({ status: 'fulfilled', value }))
      },
    })
    const leaving = new AbortController()
    const [begins, queues] = [put(batcher, 'begins', leaving.signal), put(batcher, 'queues', leaving.signal)]
    await vi.waitFor(() => expect(begun).toEqual([['begins']]))
    leaving.abort()
    await expect(begins).rejects.toMatchObject({ code: 'Aborted' })
    await expect(queues).rejects.toMatchObject({ code: 'Aborted' })
    held.resolve(undefined)
    await batcher.flush()
    expect(begun).toEqual([['begins']])
  })

  it('is settled after the one before it', async () => {
    const begun: string[][] = []
    const held = Promise.withResolvers<undefined>()
    const { batcher } = texts({
      size: 1,
      async settle(items) {
        begun.push([...items])
        await held.promise
        return items.map((value) => ({ status: 'fulfilled', value }))
      },
    })
    const both = [put(batcher, 'a'), put(batcher, 'b')]
    await vi.waitFor(() => expect(begun).toEqual([['a']]))
    held.resolve(undefined)
    expect(await Promise.all(both)).toEqual(['a', 'b'])
  })

  it('is settled early for whom its items concern, who waits for that', async () => {
    const { batcher, batches } = texts({ size: 100 })
    const settled = put(batcher, 'a')
    await vi.waitFor(async () => {
      await batcher.flush((key) => key === 'other')
      expect(batches).toEqual([])
    })
    await batcher.flush((key) => key === 'a')
    expect(batches).toEqual([['a']])
    expect(await settled).toBe('A')
  })
})
