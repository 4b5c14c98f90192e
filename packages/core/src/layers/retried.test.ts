import { describe, expect, it } from 'vitest'
import { collectBytes, streamBytes } from '../byte-stream.ts'
import type { ReadOptions, StorageDriver } from '../contract.ts'
import { StorageError } from '../error.ts'
import { memory } from '../memory.ts'
import { parsePath } from '../path.ts'
import { faulty } from '../testing/faulty.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { chunksOf, pulledBody } from './pulled.ts'
import { retried } from './retried.ts'

const path = parsePath('a.txt')
const content = Buffer.from('0123456789')
const unavailable = (retryAfter?: number): StorageError => new StorageError('Unavailable', 'Try later.', { retryAfter })

function setUp(policy: Parameters<typeof retried>[0] = {}) {
  const clock = manualClock({ eager: true })
  const inner = faulty(memory({ 'a.txt': content }))
  return { clock, inner, driver: retried({ clock, random: () => 1, ...policy })(inner) }
}

/** A driver whose bodies break after so many bytes each, in turn; after the last they are whole. */
function breaking(lengths: number[], changes: Partial<StorageDriver> = {}) {
  const base = memory({ 'a.txt': content })
  const reads: ReadOptions[] = []
  const driver: StorageDriver = {
    ...base,
    async read(at, options = {}) {
      reads.push(options)
      const result = await base.read(at, options)
      const length = lengths.shift()
      return length === undefined ? result : { ...result, body: cut(result.body, length, unavailable()) }
    },
    ...changes,
  }
  return { driver, reads }
}

/** The first so many bytes one by one, then the error, or an early end when there is none. */
function cut(body: ReadableStream<Uint8Array>, length: number, error?: unknown): ReadableStream<Uint8Array> {
  const chunks = chunksOf(body)
  let bytes: Uint8Array | undefined
  let place = 0
  return pulledBody({
    async next() {
      bytes ??= await chunks.next()
      if (place < length) return bytes?.slice(place, ++place)
      if (error !== undefined) throw error
      return undefined
    },
    cancel: (reason) => chunks.cancel(reason),
  })
}

describe('the retry layer on calls', () => {
  it('repeats what fails for a while, waiting longer each time', async () => {
    const { clock, inner, driver } = setUp()
    inner.fail('stat', unavailable(), unavailable(), unavailable())
    expect(await driver.stat(path)).toMatchObject({ kind: 'file' })
    expect(clock.sleeps).toEqual([250, 500, 1000])
  })

  it('spreads the waits at random over the upper half', async () => {
    const { clock, inner, driver } = setUp({ random: () => 0 })
    inner.fail('stat', unavailable(), unavailable())
    await driver.stat(path)
    expect(clock.sleeps).toEqual([125, 250])
  })

  it('never waits longer than the longest delay', async () => {
    const { clock, inner, driver } = setUp({ attempts: 8, longestDelay: 1500 })
    inner.fail('stat', ...Array.from({ length: 6 }, () => unavailable()))
    await driver.stat(path)
    expect(clock.sleeps).toEqual([250, 500, 1000, 1500, 1500, 1500])
  })

  it('waits as long as the vendor asks', async () => {
    const { clock, inner, driver } = setUp()
    inner.fail('stat', unavailable(7))
    await driver.stat(path)
    expect(clock.sleeps).toEqual([7000])
  })

  it('gives up at once when the vendor asks for a very long pause, and passes it on', async () => {
    const { clock, inner, driver } = setUp({ longestRetryAfter: 60 })
    inner.fail('stat', unavailable(3600))
    await expect(driver.stat(path)).rejects.toMatchObject({ fate: 'persistent', retryAfter: 3600 })
    expect(clock.sleeps).toEqual([])
  })

  it('does not repeat what is permanent, or no StorageError', async () => {
    const { inner, driver } = setUp()
    inner.fail('stat', new StorageError('AccessDenied', 'No.'), new Error('odd'))
    await expect(driver.stat(path)).rejects.toMatchObject({ code: 'AccessDenied', fate: 'permanent' })
    await expect(driver.stat(path)).rejects.toThrow('odd')
    expect(inner.calls).toHaveLength(2)
  })

  it('marks what outlasts the tries, so that stacked retries do not multiply', async () => {
    const { inner, driver } = setUp({ attempts: 3 })
    const outer = retried({ attempts: 3, clock: manualClock({ eager: true }) })(driver)
    inner.fail('stat', ...Array.from({ length: 9 }, () => unavailable()))
    await expect(outer.stat(path)).rejects.toMatchObject({ code: 'Unavailable', fate: 'persistent' })
    expect(inner.calls).toHaveLength(3)
  })

  it('stops waiting when the caller aborts', async () => {
    const clock = manualClock()
    const inner = faulty(memory({}))
    const controller = new AbortController()
    inner.fail('stat', unavailable())
    const call = retried({ clock })(inner).stat(path, { signal: controller.signal })
    await clock.advance(10)
    expect(clock.asleep).toBe(1)
    controller.abort()
    await expect(call).rejects.toMatchObject({ code: 'Aborted' })
    expect(inner.calls).toHaveLength(1)
  })

  it('repeats a move only when the vendor refused to begin with it', async () => {
    const { inner, driver } = setUp()
    const options = { destination: parsePath('b.txt') }
    inner.fail('move', unavailable())
    await expect(driver.move?.(path, options)).rejects.toMatchObject({ code: 'Unavailable' })
    inner.fail('move', new StorageError('Throttled', 'Slow down.'))
    expect(await driver.move?.(path, options)).toMatchObject({ path: 'b.txt' })
  })

  it('takes a removal whose repetition finds nothing for done', async () => {
    const { inner, driver } = setUp()
    inner.fail('remove', async () => {
      await inner.remove?.(path)
      return unavailable()
    })
    await expect(driver.remove?.(path)).resolves.toBeUndefined()
    await expect(driver.remove?.(path)).rejects.toMatchObject({ code: 'NotFound' })
  })
})

describe('the retry layer on bodies', () => {
  const layer = retried({ clock: manualClock({ eager: true }) })

  it('reopens a body at its offset, on condition that the file is the same', async () => {
    const { driver, reads } = breaking([1, 4])
    const { body, entry } = await layer(driver).read(path)
    expect(Buffer.from(await collectBytes(body))).toEqual(content)
    expect(reads.map(({ range, conditions }) => ({ range, conditions }))).toEqual([
      { range: undefined, conditions: undefined },
      { range: { start: 1, end: 10 }, conditions: { ifMatch: [entry.kind === 'file' ? entry.etag : ''] } },
      { range: { start: 5, end: 10 }, conditions: { ifMatch: [entry.kind === 'file' ? entry.etag : ''] } },
    ])
  })

  it('stays inside the range that was asked for', async () => {
    const { driver, reads } = breaking([2])
    const { body } = await layer(driver).read(path, { range: { suffix: 6 } })
    expect(Buffer.from(await collectBytes(body)).toString()).toBe('456789')
    expect(reads[1]?.range).toEqual({ start: 6, end: 10 })
  })

  it('never lets a short body pass for a whole one', async () => {
    const base = memory({ 'a.txt': content })
    let short = 0
    const driver = layer({
      ...base,
      async read(at, options) {
        const result = await base.read(at, options)
        return short++ === 0 ? { ...result, body: cut(result.body, 3) } : result
      },
    })
    expect(Buffer.from(await collectBytes((await driver.read(path)).body))).toEqual(content)
    expect(short).toBe(2)
  })

  it('gives up as persistent when nothing more comes, however often it is reopened', async () => {
    const { driver, reads } = breaking([3, 0, 0, 0, 0, 0, 0])
    const { body } = await layer(driver).read(path)
    await expect(collectBytes(body)).rejects.toMatchObject({ code: 'Unavailable', fate: 'persistent' })
    expect(reads).toHaveLength(4)
  })

  it('goes on for as long as every try brings something', async () => {
    const { driver, reads } = breaking([1, 1, 1, 1, 1, 1, 1, 1, 1])
    const { body } = await layer(driver).read(path)
    expect(Buffer.from(await collectBytes(body))).toEqual(content)
    expect(reads).toHaveLength(10)
  })

  it('does not join the parts of two contents', async () => {
    const { driver } = breaking([4])
    const { body } = await layer(driver).read(path)
    await driver.write?.(path, { body: streamBytes(Buffer.from('abcdefghij')) })
    await expect(collectBytes(body)).rejects.toMatchObject({ code: 'Conflict', fate: 'permanent' })
  })

  it('does not trust a driver that ignores the condition or the range', async () => {
    const base = memory({ 'a.txt': content })
    let count = 0
    const cancelled: unknown[] = []
    const driver = layer({
      ...base,
      async read(at) {
        const result = await base.read(at)
        if (count++ === 0) return { ...result, body: cut(result.body, 4, unavailable()) }
        return {
          ...result,
          body: pulledBody({ next: async () => content, cancel: async () => void cancelled.push(1) }),
        }
      },
    })
    await expect(collectBytes((await driver.read(path)).body)).rejects.toMatchObject({ code: 'Conflict' })
    expect(cancelled).toEqual([1])
  })

  it('does not repeat what the caller has aborted', async () => {
    const { driver, reads } = breaking([2])
    const controller = new AbortController()
    const { body } = await layer(driver).read(path, { signal: controller.signal })
    const reader = body.getReader()
    await reader.read()
    controller.abort()
    await expect(reader.read().then(() => reader.read())).rejects.toMatchObject({ name: 'StorageError' })
    expect(reads).toHaveLength(1)
  })
})

describe('the retry layer on writes', () => {
  it('repeats a write of which nothing was taken', async () => {
    const { inner, driver } = setUp()
    inner.fail('write', unavailable())
    await driver.write?.(path, { body: streamBytes(Buffer.from('new')) })
    expect(await driver.stat(path)).toMatchObject({ size: 3 })
    expect(inner.calls.map(({ operation }) => operation)).toEqual(['write', 'write', 'stat'])
  })

  it('does not repeat a write that has taken bytes', async () => {
    const base = memory({})
    let writes = 0
    const driver = retried({ clock: manualClock({ eager: true }) })({
      ...base,
      async write(_path, { body }) {
        writes += 1
        await body.getReader().read()
        throw unavailable()
      },
    })
    let cancelled = 0
    const body = pulledBody({ next: async () => content, cancel: async () => void cancelled++ })
    await expect(driver.write?.(path, { body })).rejects.toMatchObject({ code: 'Unavailable' })
    expect([writes, cancelled]).toEqual([1, 1])
  })

  it('cancels the body of a write that never began', async () => {
    const { inner, driver } = setUp()
    inner.fail('write', new StorageError('AccessDenied', 'No.'))
    let cancelled = 0
    const body = pulledBody({ next: async () => content, cancel: async () => void cancelled++ })
    await expect(driver.write?.(path, { body })).rejects.toMatchObject({ code: 'AccessDenied' })
    expect(cancelled).toBe(1)
  })
})
