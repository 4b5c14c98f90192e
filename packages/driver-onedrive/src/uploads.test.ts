import { parsePath, requireMethods, streamBytes } from '@filegate/core'
import { parseOptions } from '@filegate/core/options'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type OneDrive, startOneDrive } from '../../../test/simulators/onedrive/start-onedrive.ts'
import { vendorFetch } from '../../../test/simulators/vendor-fetch.ts'
import definition, { options as schema } from './index.ts'
import { connect, listening } from './testing/connected.ts'
import { contentAt, countOf, itemAt, operations, put, read, write } from './testing/files.ts'
import { hurried } from './testing/hurried.ts'

const unit = 327_680
const silent = { debug() {}, info() {}, warn() {} }
const unneeded = (): never => {
  throw new Error('Nothing here needs it.')
}

let service: OneDrive
beforeAll(async () => {
  hurried()
  service = await startOneDrive({ total: 6_000_000 })
})
beforeEach(() => service.forget())
afterAll(() => service.close())

const sample = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, place) => (place * 31) % 251))
const small = { chunk_size: String(unit) }

/** A body that breaks, or waits for ever, after so many bytes. */
function ending(size: number, how: 'breaks' | 'waits') {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
  let given = false
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!given) {
          given = true
          controller.enqueue(sample(size))
          return
        }
        ask()
        if (how === 'breaks') controller.error(new Error('the sender is gone'))
        else await new Promise(() => undefined)
      },
    },
    { highWaterMark: 0 },
  )
  return { body, asked }
}

describe('an upload', () => {
  it('of a little is one request, and with a time a session, so that there is one version only', async () => {
    const driver = await connect(service)
    await write(driver, 'plain.txt', 'plain')
    expect(operations(service)).toEqual(['get item', 'upload'])
    service.forget()
    const entry = await write(driver, 'timed.txt', 'timed', { modified: 1_234_567_890_123 })
    expect(operations(service)).toEqual(['get item', 'create upload session', 'upload fragment'])
    expect(entry.modified).toBe(1_234_567_890_123)
    expect((await driver.revisions(parsePath('timed.txt'))).items).toHaveLength(1)
  })

  it('of nothing keeps its time, too', async () => {
    const driver = await connect(service)
    expect(await write(driver, 'empty.txt', '', { modified: 5000 })).toMatchObject({ size: 0, modified: 5000 })
    expect(contentAt(service, 'empty.txt')).toBe('')
    expect(await read(driver, 'empty.txt')).toBe('')
  })

  it('of a length that nobody told arrives whole, on whichever side of the chunks it ends', async () => {
    const driver = await connect(service, small)
    for (const size of [1, unit - 1, unit, unit + 1, 3 * unit, 3 * unit + 7]) {
      await driver.write(parsePath('unknown.bin'), { body: streamBytes(sample(size)) })
      const stored = itemAt(service, 'unknown.bin')?.revisions.at(-1)?.bytes
      expect(Buffer.compare(Buffer.from(stored ?? []), sample(size))).toBe(0)
    }
    expect(countOf(service, 'cancel upload')).toBe(0)
  })

  it('sends the login to the API, and never to where the bytes go', async () => {
    const driver = await connect(service, small)
    await driver.write(parsePath('login.bin'), { body: streamBytes(sample(unit + 1)), size: unit + 1 })
    await read(driver, 'login.bin')
    const withLogin = service.requests.filter(({ headers }) => headers.authorization !== undefined)
    expect(new Set(withLogin.map(({ url }) => new URL(url).host))).toEqual(new Set(['graph.microsoft.com']))
    expect(countOf(service, 'upload fragment')).toBe(2)
    expect(countOf(service, 'download bytes')).toBe(1)
  })
})

describe('an upload that meets trouble', () => {
  it.each([
    ['is out of order for a moment', { code: 'serviceNotAvailable' }],
    ['is busy', { code: 'activityLimitReached', retryAfter: 0 }],
    ['breaks the connection after it took the bytes', { after: 0 }],
  ] as const)('goes on at the byte that is expected, when the service %s', async (_, failure) => {
    const driver = await connect(service, small)
    service.fail({ operation: 'upload fragment', ...failure })
    await driver.write(parsePath('resumed.bin'), { body: streamBytes(sample(2 * unit + 5)), size: 2 * unit + 5 })
    const stored = itemAt(service, 'resumed.bin')?.revisions.at(-1)?.bytes
    expect(Buffer.compare(Buffer.from(stored ?? []), sample(2 * unit + 5))).toBe(0)
    expect(countOf(service, 'upload status')).toBe(1)
    const starts = service.requests.flatMap(({ headers, status }) =>
      headers['content-range'] === undefined || status >= 400 ? [] : [/\d+/.exec(headers['content-range'])?.[0]],
    )
    expect(starts).toEqual(['0', String(unit), String(2 * unit)])
  })

  it('is known to be complete when only the last answer was lost', async () => {
    const driver = await connect(service, small)
    put(service, 'lost.bin', 'before')
    service.fail({ operation: 'upload fragment', after: 0 })
    const entry = await write(driver, 'lost.bin', 'after', { modified: 1000 })
    expect(entry).toMatchObject({ size: 5, modified: 1000 })
    expect(contentAt(service, 'lost.bin')).toBe('after')
    expect(countOf(service, 'upload fragment')).toBe(1)
  })

  it('ends with a word about that when its session is gone, and leaves the old file', async () => {
    const driver = await connect(service, small)
    put(service, 'gone.bin', 'before')
    service.fail({ operation: 'upload fragment', code: 'itemNotFound' })
    const failed = driver.write(parsePath('gone.bin'), { body: streamBytes(sample(2 * unit)), size: 2 * unit })
    await expect(failed).rejects.toMatchObject({
      code: 'Conflict',
      message: expect.stringContaining('Send the file again'),
    })
    expect(contentAt(service, 'gone.bin')).toBe('before')
  })

  it.each([
    ['breaks', 'Unexpected'],
    ['waits', 'Aborted'],
  ] as const)('cancels its session when the body %s', async (how, code) => {
    const driver = await connect(service, small)
    const { body, asked } = ending(unit + 5, how)
    const controller = new AbortController()
    const writing = driver.write(parsePath('cancelled.bin'), { body, size: 4 * unit, signal: controller.signal })
    const ended = writing.catch((error: unknown) => error)
    await asked
    if (how === 'waits') controller.abort()
    expect(await ended).toMatchObject({ code })
    expect(countOf(service, 'cancel upload')).toBe(1)
    expect(itemAt(service, 'cancelled.bin')).toBeUndefined()
  })

  it('tells the log when it cannot cancel', async () => {
    const { log, told } = listening()
    const driver = await connect(service, small, { log })
    service.fail({ operation: 'cancel upload', code: 'generalException' })
    const writing = driver.write(parsePath('kept.bin'), { body: ending(unit + 5, 'breaks').body, size: 4 * unit })
    await expect(writing).rejects.toThrow('onedrive')
    expect(told).toEqual([expect.stringMatching(/^warn: A failed upload could not be cancelled/)])
  })

  it('says that the drive is full', async () => {
    const driver = await connect(service, small)
    const size = 7_000_000
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(1_000_000)) })
    await expect(driver.write(parsePath('too-much.bin'), { body, size })).rejects.toMatchObject({
      code: 'NoSpace',
      message: expect.stringContaining('recycle bin'),
    })
    expect((await driver.about(parsePath(''))).total).toBe(6_000_000)
  })

  it('says that somebody has the file open', async () => {
    service.mark(put(service, 'open.docx'), { locked: true })
    const driver = await connect(service)
    await expect(write(driver, 'open.docx', 'x')).rejects.toMatchObject({
      code: 'Conflict',
      message: expect.stringContaining('Close it there'),
    })
  })
})

describe('an upload of a length that nobody told', () => {
  it('says that it goes on while it sends what it gathered, since nothing is taken of the body any more', async () => {
    const context = { fetch: vendorFetch(service.routes), log: silent, renewToken: unneeded, saveToken: unneeded }
    const options = parseOptions(schema, { client_id: 'filegate', token: service.tokenBlob(), ...small })
    const driver = requireMethods(await definition.connect(options, { ...context, connectSocket: unneeded }), 'write')
    let steps = 0
    await driver.write(parsePath('gathered.bin'), {
      body: streamBytes(sample(3 * unit + 1)),
      progressed: () => {
        steps += 1
      },
    })
    expect(steps).toBe(3)
  })

  it('may be as long as what it replaces, however full the drive is', async () => {
    const full = await startOneDrive({ total: 1_000_000 })
    put(full, 'replaced.bin', 'x'.repeat(900_000))
    const driver = await connect(full, small)
    await driver.write(parsePath('replaced.bin'), { body: streamBytes(sample(unit + 5)) }).catch(() => undefined)
    expect(countOf(full, 'create upload session')).toBe(1)
    await full.close()
  })

  it('is not gathered beyond what the drive has room for', async () => {
    const driver = await connect(service, small)
    let given = 0
    const body = new ReadableStream<Uint8Array>(
      { pull: (controller) => controller.enqueue(new Uint8Array((given += 1) && 1_000_000)) },
      { highWaterMark: 0 },
    )
    await expect(driver.write(parsePath('endless.bin'), { body })).rejects.toMatchObject({ code: 'NoSpace' })
    expect(given).toBeLessThan(10)
    expect(countOf(service, 'create upload session')).toBe(0)
  })
})

describe('conditions of a write', () => {
  it('hold until its end: who changes the file meanwhile is not overwritten', async () => {
    const driver = await connect(service)
    const id = put(service, 'raced.txt', 'before')
    const stated = await driver.stat(parsePath('raced.txt'))
    const etag = stated.kind === 'file' ? (stated.etag ?? '') : ''
    let changed = false
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          // By now, the driver has looked.
          service.tree.write(id, Buffer.from('meanwhile'))
          changed = true
          controller.enqueue(Buffer.from('mine'))
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const writing = driver.write(parsePath('raced.txt'), { body, conditions: { ifMatch: [etag] } })
    await expect(writing).rejects.toMatchObject({ code: 'PreconditionFailed' })
    expect(changed).toBe(true)
    expect(contentAt(service, 'raced.txt')).toBe('meanwhile')
  })

  it('only where nothing is: nor over what comes up meanwhile', async () => {
    const driver = await connect(service)
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          put(service, 'first.txt', 'theirs')
          controller.enqueue(Buffer.from('mine'))
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const writing = driver.write(parsePath('first.txt'), { body, conditions: { ifNoneMatch: ['*'] } })
    await expect(writing).rejects.toMatchObject({ code: 'PreconditionFailed' })
    expect(contentAt(service, 'first.txt')).toBe('theirs')
  })
})
