import {
  collectBytes,
  type Log,
  openDriver,
  type OpenContext,
  parsePath,
  root,
  type StorageDriver,
  streamBytes,
} from '@filegate/core'
import { parseOptions } from '@filegate/core/options'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { manualClock } from '../../core/src/testing/manual-clock.ts'
import { options } from './options.ts'
import { paceFor } from './pace.ts'
import { connectFull, put } from './testing/full-driver.ts'
import { type SimulatedDropbox, startSimulatedDropbox } from './testing/simulated-dropbox.ts'
import definition from './index.ts'

let service: SimulatedDropbox
beforeAll(async () => {
  service = await startSimulatedDropbox()
  service.seed({ '/file': 'content' })
})
beforeEach(() => service.forget())
afterAll(() => service.close())

/** As users get it, names and all. */
const open = (given: Readonly<Record<string, unknown>> = {}, context: OpenContext = {}): Promise<StorageDriver> =>
  openDriver(definition, { token: service.issueToken().blob, ...given }, { fetch: service.fetch, ...context })

describe('encoding', () => {
  const awkward = ['back\\slash', 'ends with a space ', 'rubbed out\u007f', 'a＼b', 'ends with a picture␠', '．．']

  it('makes names storable that the vendor forbids, and shows them as they were', async () => {
    const driver = await open()
    for (const name of awkward) {
      await driver.write?.(parsePath(`names/${name}`), { body: streamBytes(Buffer.from(name)) })
    }
    const shown = (await driver.list(parsePath('names'))).items.map(({ name }) => name)
    // A control character is shown as its picture, and found under both names.
    expect(shown.sort()).toEqual(awkward.map((name) => name.replace('\u007f', '␡')).sort())
    for (const name of awkward) {
      const { body } = await driver.read(parsePath(`names/${name}`))
      expect(Buffer.from(await collectBytes(body)).toString()).toBe(name)
    }
    const stored = (await (await service.connect()).list(parsePath('names'))).items.map(({ name }) => name)
    expect(stored).toEqual(expect.arrayContaining(['back＼slash', 'ends with a space␠', 'rubbed out␡', 'a‛＼b']))
  })

  it('can be another one', async () => {
    const driver = await open({ encoding: 'Slash,Colon' })
    await driver.write?.(parsePath('other/a:b'), { body: streamBytes(Buffer.from('x')) })
    const stored = (await (await service.connect()).list(parsePath('other'))).items
    expect(stored.map(({ name }) => name)).toEqual(['a：b'])
    const writing = driver.write?.(parsePath('other/a\\b'), { body: streamBytes(Buffer.from('x')) })
    await expect(writing).rejects.toMatchObject({ code: 'InvalidPath' })
  })
})

describe('pacer_min_sleep', () => {
  it.each([
    [0, 10],
    ['100ms', 100],
  ])('of %s leaves that much time between requests, those of one operation, too', async (gap, pause) => {
    const clock = manualClock({ eager: true })
    const options = { pacer_min_sleep: gap, batch_mode: 'off', chunk_size: '2' }
    const driver = await connectFull(service, options, { driverClock: clock })
    service.forget()
    await Promise.all(Array.from({ length: 5 }, () => driver.stat(parsePath('file'))))
    await put(driver, 'paced', '12345678')
    expect(service.requests).toHaveLength(5 + 4)
    // The clock stands still otherwise, and the first request was the one that connected.
    expect(clock.sleeps).toEqual(Array.from({ length: 9 }, () => pause))
  })

  it('is no reason to let more operations begin than can be served in time', () => {
    const concurrency = (gap: number | string) => paceFor(parseOptions(options, { pacer_min_sleep: gap })).concurrency
    expect([0, '100ms', 1, 3600].map(concurrency)).toEqual([64, 64, 20, 1])
  })
})

describe('too many requests', () => {
  it.each(['too_many_requests', 'too_many_write_operations'] as const)(
    '(%s) are made again, once each, after the time that the vendor asks for',
    async (reason) => {
      const driver = await open()
      service.forget()
      service.fail({ route: 'files/get_metadata', with: reason, retryAfter: 0.2 })
      const started = Date.now()
      expect(await driver.stat(parsePath('file'))).toMatchObject({ kind: 'file' })
      expect(Date.now() - started).toBeGreaterThanOrEqual(190)
      expect(service.requests.map(({ route, status }) => [route, status])).toEqual([
        ['files/get_metadata', 429],
        ['files/get_metadata', 200],
      ])
    },
  )

  it('make others wait, too', async () => {
    const told = Promise.withResolvers<void>()
    const fetch: typeof service.fetch = async (...asked) => {
      const answer = await service.fetch(...asked)
      // After whatever follows from the answer.
      if (answer.status === 429) setImmediate(() => told.resolve())
      return answer
    }
    const driver = await open({}, { fetch })
    service.fail({ route: 'files/get_metadata', with: 'too_many_requests', retryAfter: 0.3 })
    const started = Date.now()
    const refused = driver.stat(parsePath('file'))
    await told.promise
    await driver.list(root)
    expect(Date.now() - started).toBeGreaterThanOrEqual(290)
    await refused
  })

  it('that are told in the middle of an upload make others wait, too', async () => {
    const clock = manualClock({ eager: true })
    const driver = await connectFull(service, { batch_mode: 'off', chunk_size: '2' }, { driverClock: clock })
    service.fail({ route: 'files/upload_session/append_v2', with: 'too_many_requests', retryAfter: 7 })
    const slept = clock.sleeps.length
    await put(driver, 'slowed', '123456')
    const pauses = clock.sleeps.slice(slept).filter((pause) => pause > 1000)
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThanOrEqual(7000)
    expect(service.requests.filter(({ status }) => status === 429)).toHaveLength(1)
    service.fail({ route: 'files/get_metadata', with: 'too_many_requests', retryAfter: 0.3 })
    await expect(driver.stat(parsePath('file'))).rejects.toMatchObject({ code: 'Throttled', retryAfter: 0.3 })
    await driver.list(root)
    expect(clock.sleeps.at(-1)).toBeGreaterThan(250)
  })

  it('that a folder has with its own changes are made again', async () => {
    const driver = await connectFull(service, {}, { retries: { firstDelay: 5 } })
    await put(driver, 'contended', 'x')
    service.fail({ route: 'files/copy_v2', with: 'contention' })
    await driver.copy(parsePath('contended'), { destination: parsePath('copied') })
    expect(service.count('files/copy_v2')).toBe(2)
  })
})

describe('options without an effect on the vendor', () => {
  it('are taken, and one that has none any more is told to the log', async () => {
    const said: string[] = []
    const log: Log = { debug() {}, info() {}, warn: (message) => void said.push(message) }
    await open({ description: 'mine', batch_commit_timeout: 60 }, { log })
    expect(said).toEqual(['The option batch_commit_timeout of dropbox is deprecated.'])
  })
})

describe('a connection', () => {
  it('asks the vendor one thing only, and goes nowhere else', async () => {
    await open()
    expect(service.requests.map(({ route }) => route)).toEqual(['files/list_folder'])
  })

  it('that is called off while it is made is none', async () => {
    const leaving = new AbortController()
    const fetch: typeof service.fetch = async (input, init) => {
      leaving.abort()
      return service.fetch(input, init)
    }
    await expect(open({}, { fetch, signal: leaving.signal })).rejects.toMatchObject({ code: 'Aborted' })
  })
})
