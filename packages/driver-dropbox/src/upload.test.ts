import { parsePath, streamBytes } from '@filegate/core'
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { manualClock } from '../../core/src/testing/manual-clock.ts'
import { connectFull, type Full, put, textAt } from './testing/full-driver.ts'
import { type SimulatedDropbox, startSimulatedDropbox } from './testing/simulated-dropbox.ts'
import { urlOf } from './testing/url-of.ts'

let service: SimulatedDropbox
beforeAll(async () => {
  service = await startSimulatedDropbox()
})
beforeEach(() => service.forget())
afterAll(() => service.close())

const clock = manualClock({ eager: true })

/** What it waits for takes no time. */
const alone = (options: Readonly<Record<string, unknown>> = {}): Promise<Full> =>
  connectFull(service, { batch_mode: 'off', ...options }, { driverClock: clock })

const calls = (): string[] =>
  service.requests.map(({ route }) => route).filter((route) => route.startsWith('files/upload'))

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
/** Of what fits into one block. */
const hashOf = (bytes: Uint8Array): string => sha256(sha256(bytes)).toString('hex')

const sent = z.looseObject({ content_hash: z.string().optional() })
const asked = z.object({ cursor: z.object({ offset: z.number() }) })

describe('chunk_size', () => {
  it('is what goes into one request; what is longer goes into a session', async () => {
    const driver = await alone({ chunk_size: '4' })
    await put(driver, 'chunked/fits', '1234')
    expect(calls()).toEqual(['files/upload'])
    service.forget()
    await put(driver, 'chunked/longer', '123456789')
    expect(calls()).toEqual([
      'files/upload_session/start',
      'files/upload_session/append_v2',
      'files/upload_session/finish',
    ])
    expect(service.requests.filter(({ bytes }) => bytes > 0).map(({ bytes }) => bytes)).toEqual([4, 4, 1])
    expect(await textAt(driver, 'chunked/longer')).toBe('123456789')
  })

  it('bounds what is taken of a body before the vendor has what came first', async () => {
    const driver = await alone({ chunk_size: '64Ki' })
    const chunk = new Uint8Array(16_384)
    let given = 0
    let most = 0
    const stored = (): number => service.requests.reduce((sum, { bytes }) => sum + bytes, 0)
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          most = Math.max(most, given - stored())
          given += chunk.length
          if (given > 2_000_000) controller.close()
          else controller.enqueue(chunk)
        },
      },
      { highWaterMark: 0 },
    )
    await driver.write(parsePath('chunked/large'), { body })
    expect(most).toBeLessThanOrEqual(65_536 + 2 * chunk.length)
  })
})

describe('every request of an upload', () => {
  it.each(['off', 'sync'])('carries the digest of its bytes (%s)', async (mode) => {
    const driver = await connectFull(service, { batch_mode: mode, chunk_size: '4' })
    await put(driver, `hashed/${mode}`, '1234567890')
    const digests = service.requests.filter(({ bytes }) => bytes > 0).map(({ argument }) => sent.parse(argument))
    expect(digests.map(({ content_hash: hash }) => hash)).toEqual(
      ['1234', '5678', '90'].map((part) => hashOf(Buffer.from(part))),
    )
  })

  it('is made again where it was dropped, or its answer lost on its way back', async () => {
    const driver = await alone({ chunk_size: '4' })
    service.fail(
      { route: 'files/upload_session/start', with: 'dropped' },
      { route: 'files/upload_session/append_v2', with: 'lost' },
    )
    const entry = await put(driver, 'tough/file', '123456789')
    expect(entry).toMatchObject({ size: 9 })
    expect(await textAt(driver, 'tough/file')).toBe('123456789')
  })

  it('is made again where the last one of a closed session was lost on its way back', async () => {
    const driver = await alone({ batch_mode: 'sync', chunk_size: '4' })
    service.fail({ route: 'files/upload_session/append_v2', with: 'lost' })
    await put(driver, 'tough/closed', '12345678')
    expect(await textAt(driver, 'tough/closed')).toBe('12345678')
  })

  it('waits as long as the vendor asks, unless that is too long', async () => {
    const driver = await alone()
    service.fail({ route: 'files/upload', with: 'too_many_write_operations', retryAfter: 8 })
    await put(driver, 'tough/waits')
    expect([service.count('files/upload'), Math.max(...clock.sleeps)]).toEqual([2, 8000])
    const slept = clock.sleeps.filter((pause) => pause > 100).length
    service.fail({ route: 'files/upload', with: 'too_many_write_operations', retryAfter: 86_400 })
    await expect(put(driver, 'tough/waits for days')).rejects.toMatchObject({ code: 'Throttled', retryAfter: 86_400 })
    expect(service.count('files/upload')).toBe(3)
    expect(clock.sleeps.filter((pause) => pause > 100)).toHaveLength(slept)
  })
})

describe('the last request of an upload', () => {
  const finish = 'files/upload_session/finish'
  const finishes = (): unknown[] =>
    service.requests
      .filter(({ route }) => route === finish)
      .map(({ bytes, argument }) => [bytes, asked.parse(argument).cursor.offset])

  it('brings nothing a second time where others write at the same time', async () => {
    const driver = await alone({ chunk_size: '4' })
    service.fail({ route: finish, with: 'contention', times: 5 })
    expect(await put(driver, 'last/busy', '123456')).toMatchObject({ size: 6 })
    expect(await textAt(driver, 'last/busy')).toBe('123456')
    expect(finishes().slice(0, 3)).toEqual([
      [2, 4],
      [2, 4],
      [0, 6],
    ])
  })

  it.each(['dropped', 'lost', 'internal', 'unavailable'] as const)('is made again where it was %s', async (fault) => {
    const driver = await alone({ chunk_size: '4' })
    service.fail({ route: finish, with: fault })
    const modified = Date.UTC(2002, 1, 1)
    const entry = await put(driver, `last/${fault}`, '123456', { modified })
    expect(entry).toMatchObject({ size: 6, modified, etag: expect.stringMatching(/^"/) })
    expect(await textAt(driver, `last/${fault}`)).toBe('123456')
  })

  it('that made the file on condition is known by the file', async () => {
    const driver = await alone({ chunk_size: '4' })
    const conditions = { ifNoneMatch: ['*'] }
    service.fail({ route: finish, with: 'lost' })
    expect(await put(driver, 'last/conditional', '123456', { conditions })).toMatchObject({ size: 6 })
    await expect(put(driver, 'last/conditional', '1234567', { conditions })).rejects.toMatchObject({
      code: 'PreconditionFailed',
    })
  })

  it('whose session is gone without a file fails, and is not asked for ever', async () => {
    const driver = await alone({ chunk_size: '4' })
    service.fail({ route: finish, with: 'lost' })
    const fetch: typeof service.fetch = async (input, init) => {
      // Somebody else writes there in between.
      if (urlOf(input).endsWith('/get_metadata')) await put(driver, 'last/other', 'else')
      return service.fetch(input, init)
    }
    const seeing = await connectFull(service, { batch_mode: 'off', chunk_size: '4' }, { fetch, driverClock: clock })
    await expect(put(seeing, 'last/other', '123456')).rejects.toMatchObject({
      code: 'Conflict',
      message: expect.stringContaining('Send the file again'),
    })
    expect(service.count(finish)).toBe(2)
    service.fail({ route: finish, with: 'unavailable', times: 4 })
    await expect(put(driver, 'last/down', '123456')).rejects.toMatchObject({ code: 'Unavailable' })
    expect(service.count(finish)).toBe(6)
  })
})

describe('a write', () => {
  it('with a condition is one call, which the vendor decides', async () => {
    const driver = await alone()
    const first = await put(driver, 'conditional/file', 'first')
    const { etag = '' } = first
    service.forget()
    await put(driver, 'conditional/file', 'second', { conditions: { ifMatch: [etag] } })
    expect(service.requests.map(({ route }) => route)).toEqual(['files/upload'])
    const stale = put(driver, 'conditional/file', 'third', { conditions: { ifMatch: [etag] } })
    await expect(stale).rejects.toMatchObject({ code: 'PreconditionFailed' })
    const over = put(driver, 'conditional/file', 'second', { conditions: { ifNoneMatch: ['*'] } })
    await expect(over).rejects.toMatchObject({ code: 'PreconditionFailed' })
    expect(await textAt(driver, 'conditional/file')).toBe('second')
    const gone = put(driver, 'conditional/none', 'x', { conditions: { ifMatch: [etag] } })
    await expect(gone).rejects.toMatchObject({ code: 'PreconditionFailed' })
  })

  it('with conditions that the vendor has no words for holds to what was there', async () => {
    const driver = await alone()
    const { etag = '', modified = 0 } = await put(driver, 'conditional/other', 'first')
    await put(driver, 'conditional/other', 'second', { conditions: { ifMatch: ['"other"', etag] } })
    await put(driver, 'conditional/other', 'third', { conditions: { ifMatch: ['*'] } })
    const since = { conditions: { ifUnmodifiedSince: modified - 86_400_000 } }
    await expect(put(driver, 'conditional/other', 'x', since)).rejects.toMatchObject({ code: 'PreconditionFailed' })
    expect(await textAt(driver, 'conditional/other')).toBe('third')
  })

  it('keeps its time in whole seconds', async () => {
    const driver = await alone()
    const modified = Date.UTC(2001, 1, 3, 4, 5, 6, 789)
    expect(await put(driver, 'timed', 'x', { modified })).toMatchObject({ modified: Date.UTC(2001, 1, 3, 4, 5, 6) })
    expect(service.requests.at(-1)).toMatchObject({ argument: { client_modified: expect.anything() } })
  })

  it('of a time that cannot be told is refused before anything is sent', async () => {
    const driver = await alone()
    service.forget()
    for (const modified of [Number.NaN, Number.POSITIVE_INFINITY, Date.UTC(10_000, 0), -1e15]) {
      const { body, cancelled } = watchedBody()
      const writing = driver.write(parsePath('timeless'), { body, modified })
      await expect(writing).rejects.toMatchObject({ code: 'InvalidArgument' })
      await cancelled
    }
    expect(service.requests).toEqual([])
    const before = Date.UTC(1969, 0)
    expect(await put(driver, 'before 1970', 'x', { modified: before })).toMatchObject({ modified: before })
  })

  it('of the same content keeps the time that the vendor has, and says so', async () => {
    for (const mode of ['off', 'sync']) {
      const driver = await alone({ batch_mode: mode })
      const [old, later] = [Date.UTC(2001, 1, 3), Date.UTC(2002, 1, 3)]
      await put(driver, `same/${mode}`, 'content', { modified: old })
      expect(await put(driver, `same/${mode}`, 'content', { modified: later })).toMatchObject({ modified: old })
      expect(await driver.stat(parsePath(`same/${mode}`))).toMatchObject({ modified: old })
    }
  })

  it('of a name that the vendor ignores is refused before anything is sent', async () => {
    const driver = await alone()
    service.forget()
    const { body, cancelled } = watchedBody()
    await expect(driver.write(parsePath('folder/Desktop.INI'), { body })).rejects.toMatchObject({ code: 'InvalidPath' })
    await cancelled
    expect(service.requests).toEqual([])
  })

  it('into a full account says that it is full', async () => {
    service.setAllocated(10)
    try {
      const driver = await connectFull(service)
      const writing = driver.write(parsePath('full'), { body: streamBytes(new Uint8Array(1000)) })
      await expect(writing).rejects.toMatchObject({ code: 'NoSpace', message: expect.stringContaining('full') })
    } finally {
      service.setAllocated(2_000_000_000)
    }
  })

  it('that the vendor forbids says so', async () => {
    service.addSharedFolder('Read only', '77', { readOnly: true, mounted: true })
    const driver = await connectFull(service)
    await expect(put(driver, 'Read only/file')).rejects.toMatchObject({ code: 'AccessDenied' })
  })
})

function watchedBody() {
  const { promise: cancelled, resolve } = Promise.withResolvers<undefined>()
  const body = new ReadableStream<Uint8Array>({ cancel: () => resolve(undefined) })
  return { body, cancelled }
}
