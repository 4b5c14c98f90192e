import { type Log, parsePath, root } from '@filegate/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { manualClock } from '../../core/src/testing/manual-clock.ts'
import { connectFull, type Full, put, textAt } from './testing/full-driver.ts'
import { type SimulatedDropbox, startSimulatedDropbox } from './testing/simulated-dropbox.ts'
import { urlOf } from './testing/url-of.ts'

let service: SimulatedDropbox
const clock = manualClock({ eager: true })
beforeAll(async () => {
  service = await startSimulatedDropbox()
})
beforeEach(() => service.forget())
afterEach(() => vi.useRealTimers())
afterAll(() => service.close())

/** Where the time of a batch is not what a test is about: longer than any of them waits. */
const unhurried = { batch_timeout: 300 } as const

const names = (count: number): string[] => Array.from({ length: count }, (_, place) => `file-${place}`)

const putAll = (driver: Full, folder: string, count: number): Promise<unknown> =>
  Promise.all(names(count).map((name) => put(driver, `${folder}/${name}`, name)))

const asked = z.object({ entries: z.array(z.unknown()) }).optional()
/** How many files each call finished. */
const batches = (): number[] =>
  service.requests
    .filter(({ route }) => route === 'files/upload_session/finish_batch_v2')
    .map(({ argument }) => asked.parse(argument)?.entries.length ?? 0)

const listed = async (driver: Full, folder: string): Promise<number> =>
  (await driver.list(parsePath(folder))).items.length

/** Uploads at the same time that nothing slows down; the pauses between tries take no time. */
const connect = (options: Readonly<Record<string, unknown>>, log?: Log): Promise<Full> =>
  connectFull(service, { pacer_min_sleep: '1ms', ...options }, { driverClock: clock, ...(log && { log }) })

describe('batch_mode', () => {
  it('off finishes each file by itself', async () => {
    const driver = await connect({ batch_mode: 'off' })
    await putAll(driver, 'off', 5)
    expect([batches(), service.count('files/upload')]).toEqual([[], 5])
  })

  it('sync finishes what arrives together in few calls, and each waits for its result', async () => {
    const driver = await connect({})
    await putAll(driver, 'sync', 30)
    expect(batches().reduce((sum, count) => sum + count, 0)).toBe(30)
    expect(batches().length).toBeLessThan(8)
    expect(await listed(driver, 'sync')).toBe(30)
    service.forget()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await put(driver, 'sync/alone')
    expect(batches()).toEqual([1])
  })

  it('sync tells each what became of its own file', async () => {
    service.seed({ '/mixed/folder/inside': 'x' })
    const driver = await connect({ batch_size: 3, ...unhurried })
    const outcomes = await Promise.allSettled([
      put(driver, 'mixed/good'),
      put(driver, 'mixed/folder'),
      put(driver, 'mixed/folder/inside/below'),
    ])
    expect(outcomes).toMatchObject([
      { status: 'fulfilled', value: { path: 'mixed/good', etag: expect.stringMatching(/^"/) } },
      { status: 'rejected', reason: { code: 'IsADirectory' } },
      { status: 'rejected', reason: { code: 'NotADirectory' } },
    ])
    expect(batches()).toEqual([3])
  })

  it('async returns before the file is there, and closing finishes everything', async () => {
    const driver = await connect({ batch_mode: 'async', ...unhurried })
    await putAll(driver, 'async', 5)
    expect([batches(), await listed(await connect({}), '').catch(() => 0)]).toMatchObject([[], expect.any(Number)])
    await expect((await connect({})).stat(parsePath('async/file-0'))).rejects.toMatchObject({ code: 'NotFound' })
    await driver.close()
    expect(batches()).toEqual([5])
    expect(await listed(driver, 'async')).toBe(5)
  })

  it('async finishes what somebody asks about', async () => {
    const driver = await connect({ batch_mode: 'async' })
    await putAll(driver, 'asked', 3)
    expect(await textAt(driver, 'asked/file-1')).toBe('file-1')
    await put(driver, 'asked/other')
    expect(await listed(driver, 'asked')).toBe(4)
    await put(driver, 'asked/removed')
    await driver.remove(parsePath('asked'))
    await expect(driver.stat(parsePath('asked'))).rejects.toMatchObject({ code: 'NotFound' })
    await put(driver, 'asked/moved')
    await driver.move(parsePath('asked/moved'), { destination: parsePath('asked/there') })
    expect((await driver.walk(root)).items.map(({ path }) => path)).toContain('asked/there')
  })

  it('async knows what is uploaded but not finished when a condition is set', async () => {
    const driver = await connect({ batch_mode: 'async' })
    await put(driver, 'conditional', 'first')
    await put(driver, 'conditional', 'second', { conditions: { ifMatch: ['*'] } })
    expect(await textAt(driver, 'conditional')).toBe('second')
    await put(driver, 'linked')
    expect(await driver.publicLink(parsePath('linked'))).toContain('https://')
  })

  it('async tells failures to the log, and to whoever set a condition', async () => {
    service.seed({ '/failing/inside': 'x' })
    const said: string[] = []
    const log: Log = { debug() {}, info() {}, warn: (message) => void said.push(message) }
    const driver = await connect({ batch_mode: 'async' }, log)
    await put(driver, 'failing')
    const conditional = put(driver, 'failing/inside', 'y', { conditions: { ifNoneMatch: ['*'] } })
    await expect(conditional).rejects.toMatchObject({ code: 'PreconditionFailed' })
    await driver.close()
    expect(said).toEqual([expect.stringContaining('/failing was uploaded to Dropbox, but could not be finished')])
  })
})

describe('writers that do not wait', () => {
  it('wait all the same while too much is not finished', async () => {
    const held = Promise.withResolvers<undefined>()
    const fetch: typeof service.fetch = async (input, init) => {
      if (urlOf(input).endsWith('/finish_batch_v2')) await held.promise
      return service.fetch(input, init)
    }
    const options = { batch_mode: 'async', batch_size: 1, pacer_min_sleep: '1ms' }
    const driver = await connectFull(service, options, { fetch })
    for (const name of names(8)) await put(driver, `held/${name}`, name)
    service.forget()
    const late = put(driver, 'held/late')
    // Each of these comes after whatever it would have asked.
    for (let asked = 0; asked < 5; asked++) await driver.about(root)
    expect(service.count('files/upload_session/start')).toBe(0)
    held.resolve(undefined)
    await late
    expect(await listed(driver, 'held')).toBe(9)
  })
})

describe('batch_size', () => {
  it.each(['sync', 'async'])('is how many files are finished in a call at most (%s)', async (mode) => {
    const driver = await connect({ batch_mode: mode, batch_size: 4, ...unhurried })
    await putAll(driver, `size-${mode}`, 12)
    await driver.close()
    expect(batches()).toEqual([4, 4, 4])
  })
})

describe('batch_timeout', () => {
  it('finishes a part of a batch after that time, for which sync waits', async () => {
    const driver = await connect({ batch_size: 100, batch_timeout: '300ms' })
    const started = Date.now()
    await put(driver, 'timeout-sync')
    expect(Date.now() - started).toBeGreaterThanOrEqual(290)
    expect(batches()).toEqual([1])
  })

  it('finishes a part of a batch after that time, for which async does not wait', async () => {
    const driver = await connect({ batch_mode: 'async', batch_size: 100, batch_timeout: '300ms' })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await put(driver, 'timeout-async')
    vi.advanceTimersByTime(299)
    await driver.about(root)
    expect(batches()).toEqual([])
    vi.advanceTimersByTime(1)
    await expect.poll(batches, { interval: 20 }).toEqual([1])
  })

  it('is half a second where a size is given and no time', async () => {
    const driver = await connect({ batch_size: 100 })
    const started = Date.now()
    await put(driver, 'usual')
    expect(Date.now() - started).toBeGreaterThanOrEqual(490)
  })
})

describe('a batch', () => {
  it('that the vendor has no time for is finished a little later', async () => {
    const driver = await connect({})
    service.fail({ route: 'files/upload_session/finish_batch_v2', with: 'contention' })
    await put(driver, 'later/one')
    service.fail({ route: 'files/upload_session/finish_batch_v2', with: 'too_many_write_operations', retryAfter: 0 })
    await put(driver, 'later/two')
    expect(batches()).toEqual([1, 1, 0, 1])
    expect(await listed(driver, 'later')).toBe(2)
  })

  it('whose answer was lost is known by its files', async () => {
    const driver = await connect({})
    service.fail({ route: 'files/upload_session/finish_batch_v2', with: 'lost' })
    expect(await put(driver, 'lost', 'kept')).toMatchObject({ size: 4, etag: expect.stringMatching(/^"/) })
    expect(await textAt(driver, 'lost')).toBe('kept')
  })

  it('never has two writes of one file', async () => {
    const driver = await connect({ batch_size: 2, batch_timeout: '50ms' })
    await Promise.all([put(driver, 'twice', 'one'), put(driver, 'TWICE', 'two')])
    expect(batches()).toEqual([1, 1])
  })
})
