import { describe, expect, it } from 'vitest'
import { streamBytes } from '../byte-stream.ts'
import { memory } from '../memory.ts'
import { parsePath } from '../path.ts'
import { faulty } from '../testing/faulty.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { type CachePolicy, cached } from './cached.ts'

const file = parsePath('dir/a.txt')
const directory = parsePath('dir')
const files = { 'dir/a.txt': 'hello', 'dir/sub/b.txt': 'x', 'other/c.txt': 'y' }

function setUp(policy: CachePolicy = {}) {
  const clock = manualClock()
  const inner = faulty(memory(files))
  const driver = cached({ clock, ...policy })(inner)
  const asked = (): string[] => inner.calls.map(({ operation, path }) => `${operation} ${path}`)
  return { clock, inner, driver, asked }
}
const body = (): ReadableStream<Uint8Array> => streamBytes(Buffer.from('new content'))

describe('the cache layer', () => {
  it('answers stat and list from memory for a while', async () => {
    const { clock, driver, asked } = setUp({ timeToLive: 1000 })
    for (let round = 0; round < 3; round++) {
      await driver.stat(file)
      await driver.list(directory)
    }
    expect(asked()).toEqual(['stat dir/a.txt', 'list dir'])
    await clock.advance(1000)
    await driver.stat(file)
    expect(asked()).toHaveLength(3)
  })

  it('keeps pages of different cursors and limits apart', async () => {
    const { driver, asked } = setUp()
    const first = await driver.list(directory, { limit: 1 })
    const second = await driver.list(directory, { limit: 1, cursor: first.cursor })
    expect(second.items).not.toEqual(first.items)
    expect(await driver.list(directory, { limit: 1 })).toEqual(first)
    expect(asked()).toHaveLength(2)
  })

  it('forgets what others have changed, and tells them of its own changes before they are answered', async () => {
    let generation = 0
    let told = 0
    const changed = async (): Promise<void> => void told++
    const { driver, asked } = setUp({ shared: { generation: () => generation, changed } })
    await driver.stat(file)
    await driver.list(directory)
    generation = 1
    for (let round = 0; round < 2; round++) {
      await driver.stat(file)
      await driver.list(directory)
    }
    expect(asked()).toEqual(['stat dir/a.txt', 'list dir', 'stat dir/a.txt', 'list dir'])
    expect(told).toBe(0)
    await driver.remove?.(file)
    expect(told).toBe(1)
    await expect(driver.remove?.(file)).rejects.toThrow('')
    expect(told).toBe(2)
  })

  it('sends one question for callers that ask at once', async () => {
    const { driver, asked } = setUp()
    await Promise.all(Array.from({ length: 10 }, () => driver.stat(file)))
    expect(asked()).toEqual(['stat dir/a.txt'])
  })

  it('asks the vendor for whoever wants it fresh, and remembers that answer', async () => {
    const { inner, driver, asked } = setUp()
    await driver.stat(file)
    await inner.write?.(file, { body: body() })
    expect(await driver.stat(file)).toMatchObject({ size: 5 })
    expect(await driver.stat(file, { fresh: true })).toMatchObject({ size: 11 })
    expect(await driver.stat(file)).toMatchObject({ size: 11 })
    expect(asked().filter((call) => call.startsWith('stat'))).toHaveLength(2)
  })

  it('does not remember failures', async () => {
    const { inner, driver } = setUp()
    inner.fail('stat', new Error('once'))
    await expect(driver.stat(file)).rejects.toThrow('once')
    expect(await driver.stat(file)).toMatchObject({ size: 5 })
  })

  it('forgets the path, its parents and all below it when it changes it', async () => {
    const { driver, asked } = setUp()
    const paths = ['', 'dir', 'dir/a.txt', 'dir/sub', 'dir/sub/b.txt', 'other', 'other/c.txt'].map((path) =>
      parsePath(path),
    )
    for (const path of paths) await driver.stat(path)
    const before = asked().length
    await driver.remove?.(parsePath('dir/sub'))
    for (const path of paths.filter((path) => !path.startsWith('dir/sub'))) await driver.stat(path)
    await expect(driver.stat(parsePath('dir/sub/b.txt'))).rejects.toMatchObject({ code: 'NotFound' })
    expect(asked().slice(before)).toEqual(['remove dir/sub', 'stat ', 'stat dir', 'stat dir/sub/b.txt'])
  })

  it('forgets a path that is changed under another case, where that makes no difference', async () => {
    const { clock, inner, asked } = setUp()
    const driver = cached({ clock })({ ...inner, traits: { ...inner.traits, caseSensitive: false } })
    await driver.stat(file)
    await driver.list(directory)
    await driver.write?.(parsePath('DIR/A.TXT'), { body: body() })
    await driver.stat(file)
    await driver.list(directory)
    expect(asked().filter((line) => !line.startsWith('write'))).toEqual([
      'stat dir/a.txt',
      'list dir',
      'stat dir/a.txt',
      'list dir',
    ])
  })

  it('forgets both ends of a move', async () => {
    const { driver } = setUp()
    const destination = parsePath('other/moved.txt')
    await driver.list(parsePath('other'))
    await driver.stat(file)
    await driver.move?.(file, { destination })
    await expect(driver.stat(file)).rejects.toMatchObject({ code: 'NotFound' })
    expect((await driver.list(parsePath('other'))).items.map(({ name }) => name)).toContain('moved.txt')
  })

  it('does not remember an answer that a change has overtaken', async () => {
    const { inner, driver } = setUp()
    const gate = Promise.withResolvers<void>()
    const old = await inner.stat(file)
    const slow = cached()({
      ...inner,
      async stat(path, options) {
        const entry = await inner.stat(path, options)
        await gate.promise
        return entry
      },
    })
    const early = slow.stat(file)
    await slow.write?.(file, { body: body() })
    gate.resolve()
    expect(await early).toEqual(old)
    expect(await slow.stat(file)).toMatchObject({ size: 11 })
    expect(await driver.stat(file)).toMatchObject({ size: 11 })
  })

  it('forgets again after a change that somebody asked during', async () => {
    const { inner, driver } = setUp()
    inner.fail('write', async () => {
      await driver.stat(file)
    })
    await driver.write?.(file, { body: body() })
    expect(await driver.stat(file)).toMatchObject({ size: 11 })
  })

  it('drops what was least recently used when it is full', async () => {
    const { driver, asked } = setUp({ capacity: 2 })
    const [a, b, c] = [file, parsePath('dir/sub/b.txt'), parsePath('other/c.txt')] as const
    await driver.stat(a)
    await driver.stat(b)
    await driver.stat(a)
    await driver.stat(c)
    await driver.stat(a)
    expect(asked()).toHaveLength(3)
    await driver.stat(b)
    expect(asked()).toHaveLength(4)
  })

  it('does not keep a listing that is larger than the whole cache', async () => {
    const { driver, asked } = setUp({ capacity: 2 })
    await driver.list(directory)
    await driver.list(directory)
    expect(asked()).toEqual(['list dir', 'list dir'])
  })

  it('has room for what it keeps, however many answers it had to throw away', async () => {
    const { inner, driver, asked } = setUp({ capacity: 2 })
    for (let round = 0; round < 3; round++) {
      const gate = Promise.withResolvers<void>()
      inner.fail('stat', () => gate.promise)
      const overtaken = driver.stat(file)
      await driver.setModified?.(file, { modified: round })
      gate.resolve()
      await overtaken
    }
    const before = asked().length
    for (const path of [file, directory, file, directory]) await driver.stat(path)
    expect(asked().slice(before)).toEqual(['stat dir/a.txt', 'stat dir'])
  })

  it('lets one of several callers leave without taking the answer from the others', async () => {
    const { inner, driver } = setUp()
    const gate = Promise.withResolvers<void>()
    inner.fail('stat', () => gate.promise)
    const controller = new AbortController()
    const leaving = driver.stat(file, { signal: controller.signal })
    const staying = driver.stat(file)
    controller.abort()
    await expect(leaving).rejects.toMatchObject({ code: 'Aborted' })
    gate.resolve()
    expect(await staying).toMatchObject({ size: 5 })
  })

  it('aborts the question when nobody waits for the answer any more, and asks anew later', async () => {
    const { inner, driver } = setUp()
    const seen: (AbortSignal | undefined)[] = []
    inner.fail('stat', ({ options: { signal } }) => {
      seen.push(signal)
      return new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('gone')))
      })
    })
    const controllers = [new AbortController(), new AbortController()]
    const calls = controllers.map(({ signal }) => driver.stat(file, { signal }))
    const settled = Promise.allSettled(calls)
    controllers[0]?.abort()
    expect(seen[0]?.aborted).toBe(false)
    controllers[1]?.abort()
    await settled
    expect(seen[0]?.aborted).toBe(true)
    expect(await driver.stat(file)).toMatchObject({ size: 5 })
  })

  it('asks nothing for a caller that has aborted already', async () => {
    const { driver, asked } = setUp()
    await expect(driver.stat(file, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'Aborted' })
    expect(asked()).toEqual([])
  })
})
