import { describe, expect, it } from 'vitest'
import type { ChangesSince, StorageDriver } from '../contract.ts'
import { streamBytes } from '../byte-stream.ts'
import { StorageError } from '../error.ts'
import { memory } from '../memory.ts'
import { parsePath, type StoragePath } from '../path.ts'
import { faulty } from '../testing/faulty.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { cached } from './cached.ts'

const file = parsePath('dir/a.txt')
const directory = parsePath('dir')
const other = parsePath('other/c.txt')
const files = { 'dir/a.txt': 'hello', 'dir/sub/b.txt': 'x', 'other/c.txt': 'y' }

/** A storage with a feed whose answers the test gives; without one, nothing has changed. */
function setUp() {
  const clock = manualClock()
  const told: ChangesSince['paths'][] = []
  const cursors: (string | undefined)[] = []
  const changes: NonNullable<StorageDriver['changes']> = async (cursor) => {
    cursors.push(cursor)
    return { cursor: String(cursors.length), paths: cursor === undefined ? [] : (told.shift() ?? []) }
  }
  const inner = faulty({ ...memory(files), changes })
  const driver = cached({ clock, timeToLive: 5000 })(inner)
  const count = (operation: string): number => inner.calls.filter((call) => call.operation === operation).length
  /** Asks as often as a busy server does, for so many seconds. */
  async function use(seconds: number, ...paths: readonly StoragePath[]): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      for (const path of paths.length > 0 ? paths : [file]) {
        await driver.stat(path)
        await driver.list(directory)
      }
      await clock.advance(1000)
    }
  }
  return { clock, inner, driver, told, cursors, count, use }
}

describe('answers that are remembered, where the driver tells what changed', () => {
  it('live on as long as nothing did, for one question every few seconds whoever asks', async () => {
    const { count, use, cursors } = setUp()
    await use(60, file, other)
    // Twice: the first answers came before there was a cursor.
    expect([count('stat'), count('list')]).toEqual([4, 2])
    expect(count('changes')).toBe(12 - 1)
    expect(cursors.slice(0, 4)).toEqual([undefined, '1', '2', '3'])
  })

  it('cost no question to the feed before they are out of date', async () => {
    const { count, use } = setUp()
    await use(5)
    expect(count('changes')).toBe(0)
  })

  it('are forgotten when they changed, and only they', async () => {
    const { count, use, told, driver } = setUp()
    await use(12, file, other)
    const [before, listed] = [count('stat'), count('list')]
    told.push([file])
    await use(10, file, other)
    expect(count('stat') - before).toBe(1)
    expect(count('list') - listed).toBe(1)
    told.push('all')
    await use(10, file, other)
    expect(count('stat') - before).toBe(3)
    await driver.stat(other, { fresh: true })
    expect(count('stat') - before).toBe(4)
  })

  it('are forgotten when more changed than is worth looking through', async () => {
    const { count, use, told } = setUp()
    await use(12)
    const before = count('stat')
    told.push(Array.from({ length: 200 }, (_, place) => parsePath(`elsewhere/${place}`)))
    await use(6)
    expect(count('stat') - before).toBe(1)
  })

  it('do not live for ever', async () => {
    const { count, use } = setUp()
    await use(12)
    const before = count('stat')
    await use(330)
    expect(count('stat') - before).toBe(1)
  })

  it('live as long as ever while the feed fails, and it is left alone for a while', async () => {
    const { count, use, inner, cursors } = setUp()
    await use(12)
    const before = count('stat')
    inner.fail('changes', new StorageError('Unavailable', 'Not now.'))
    await use(30)
    expect(count('stat') - before).toBe(6)
    const asked = cursors.length
    await use(20)
    // It went on from the cursor that it had, and what was remembered since then counts.
    expect(count('stat') - before).toBe(6)
    expect(cursors[asked]).toBe(String(asked))
  })

  it('begin anew after a failure that a cursor may be to blame for', async () => {
    const { count, use, inner, cursors } = setUp()
    await use(12)
    const asked = count('stat')
    inner.fail('changes', new StorageError('InvalidArgument', 'What cursor?'))
    await use(35)
    expect(count('stat') - asked).toBe(7)
    // Without a cursor nothing that was remembered counts; then a new row begins.
    expect(cursors.at(-1)).toBeUndefined()
    const before = count('stat')
    await use(20)
    expect(count('stat') - before).toBe(0)
  })

  it('wait for a slow feed no longer than a moment', async () => {
    const { clock, driver, inner, count, use } = setUp()
    await use(12)
    const before = count('stat')
    const { promise, resolve } = Promise.withResolvers<void>()
    inner.fail('changes', () => promise)
    await clock.advance(5000)
    const answered = driver.stat(file)
    await clock.advance(2999)
    expect(count('stat') - before).toBe(0)
    await clock.advance(1)
    await answered
    expect(count('stat') - before).toBe(1)
    resolve()
  })

  it('are out of date when they were on their way while the change was told', async () => {
    const { clock, driver, inner, told, use, count } = setUp()
    await use(12)
    const { promise, resolve } = Promise.withResolvers<void>()
    inner.fail('stat', () => promise)
    const slow = driver.stat(file, { fresh: true })
    told.push([file])
    await clock.advance(6000)
    // Somebody else's question hears of it.
    await driver.list(directory)
    resolve()
    await slow
    const before = count('stat')
    await driver.stat(file)
    expect(count('stat') - before).toBe(1)
  })

  it('are forgotten by own changes at once', async () => {
    const { driver, count, use } = setUp()
    await use(12)
    const before = count('stat')
    await driver.write?.(file, { body: streamBytes(new Uint8Array(9)) })
    expect(await driver.stat(file)).toMatchObject({ size: 9 })
    expect(count('stat') - before).toBe(1)
  })
})
