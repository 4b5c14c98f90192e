import { pathOfNames, type StorageDriver, StorageError } from '@filegate/core'
import { collectBytes, parsePath, streamBytes } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type OneDrive, startOneDrive } from '../../../test/simulators/onedrive/start-onedrive.ts'
import { connect, type Full, listening, names } from './testing/connected.ts'
import { contentAt, countOf, itemAt, put, read, text, write } from './testing/files.ts'
import { altered, type Lie, lyingFetch } from './testing/lying-fetch.ts'

const unit = 327_680
const small = { chunk_size: String(unit) }

let service: OneDrive
beforeAll(async () => {
  service = await startOneDrive({ driveType: 'business' })
  put(service, 'folder/file.txt', 'content')
})
beforeEach(() => service.forget())
afterAll(() => service.close())

/** The driver, before which some answers are swapped once it is connected. */
async function lied(lie: Lie, options: Readonly<Record<string, unknown>> = {}) {
  let isConnected = false
  const { fetch, sent } = lyingFetch(service, (...asked) => (isConnected ? lie(...asked) : undefined))
  const { log, told } = listening()
  const driver = await connect(service, options, { fetch, log })
  isConnected = true
  sent.splice(0)
  return { driver, sent, told }
}

const failure = async (call: Promise<unknown>): Promise<StorageError> => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!StorageError.is(error)) throw new Error('It did not fail as it should.', { cause: error })
  return error
}

const hostsOf = (sent: readonly { readonly url: URL }[]): string[] => [...new Set(sent.map(({ url }) => url.hostname))]

/** Of the driver, all with a failure that has to be clear. */
const calls: Readonly<Record<string, (driver: Full) => Promise<unknown>>> = {
  stat: (driver) => driver.stat(parsePath('folder/file.txt')),
  list: (driver) => driver.list(parsePath('')),
  walk: (driver) => Promise.resolve(driver.walk?.(parsePath(''))),
  read: (driver) => driver.read(parsePath('folder/file.txt')),
  write: (driver) => write(driver, 'new.txt', 'x'),
  'write in chunks': (driver) => driver.write(parsePath('new.txt'), { body: streamBytes(Buffer.alloc(unit + 1)) }),
  copy: (driver) => driver.copy(parsePath('folder/file.txt'), { destination: parsePath('new.txt') }),
  remove: (driver) => driver.remove(parsePath('folder/file.txt')),
  revisions: (driver) => driver.revisions(parsePath('folder/file.txt')),
  publicLink: (driver) => driver.publicLink(parsePath('folder/file.txt')),
  about: (driver) => driver.about(parsePath('')),
  changes: (driver) => Promise.resolve(driver.changes?.('token=latest')),
}

describe.each(Object.entries(calls))('nonsense as the answer to %s', (_, call) => {
  it.each([
    ['a page for people', () => new Response('<html>marker</html>', { headers: { 'content-type': 'text/html' } })],
    ['a list of nothing', () => Response.json([])],
    ['something else', () => Response.json({ marker: 'marker', value: [{ marker: 'marker' }], quota: 'marker' })],
    ['null', () => Response.json(null)],
  ])('%s, is called that', async (_kind, answer) => {
    const { driver, told } = await lied(answer, { delta: true, ...small })
    const error = await failure(call(driver))
    expect(error).toMatchObject({ code: 'Unexpected' })
    expect(error.message + told.join()).not.toContain('marker')
  })

  it('that leads elsewhere is not followed, and nothing counts as done', async () => {
    const elsewhere = { status: 302, headers: { location: 'https://evil.example/login?marker' } }
    const { driver, sent } = await lied(
      ({ url }) => (url.hostname === 'graph.microsoft.com' ? new Response('', elsewhere) : undefined),
      {
        delta: true,
        ...small,
      },
    )
    expect(await failure(call(driver))).toMatchObject({ code: 'Unexpected' })
    expect(hostsOf(sent)).toEqual(['graph.microsoft.com'])
  })
})

describe('a page for people', () => {
  it.each([{}, { hard_delete: true }])('in answer to the removal itself is none (%j)', async (options) => {
    const page = () => new Response('<html>', { headers: { 'content-type': 'text/html; charset=utf-8' } })
    const isRemoval: Lie = ({ method, url }) =>
      method === 'DELETE' || url.pathname.endsWith('/permanentDelete') ? page() : undefined
    const { driver } = await lied(isRemoval, options)
    expect(await failure(driver.remove(parsePath('folder/file.txt')))).toMatchObject({ code: 'Unexpected' })
  })
})

describe('numbers that cannot be', () => {
  it.each([-5, 1e20, 1.5, 'many'])('are no sizes, and the rest is listed all the same: %s', async (size) => {
    const { driver } = await lied(({ url }, truth) =>
      url.pathname.endsWith('/children')
        ? altered(truth(), (page) => ({
            ...page,
            value: [page['value']].flat().map((item) => ({ ...Object(item), size })),
          }))
        : undefined,
    )
    const [item] = (await driver.list(parsePath('folder'))).items
    expect(item).toMatchObject({ name: 'file.txt', size: undefined })
  })
})

describe('another part of a file than was asked for', () => {
  it.each(['bytes 1-3/7', 'bytes 2-6/7', 'bytes 4-3/7', 'bytes 99999999999999999999-3/x'])(
    'is not believed, and let go of (%s)',
    async (told) => {
      const cancelled = Promise.withResolvers<void>()
      const body = () => new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() })
      const { driver } = await lied(({ url }) =>
        url.hostname === 'graph.microsoft.com'
          ? undefined
          : new Response(body(), { status: 206, headers: { 'content-range': told } }),
      )
      const reading = driver.read(parsePath('folder/file.txt'), { range: { start: 2, end: 5 } })
      expect(await failure(reading)).toMatchObject({ code: 'Unexpected' })
      await cancelled.promise
    },
  )
})

describe('a change that is answered with a way to elsewhere', () => {
  it.each([
    ['remove', 'DELETE'],
    ['write', 'PUT'],
  ] as const)('did not happen: %s', async (call, method) => {
    const elsewhere = { status: 302, headers: { location: 'https://evil.example/login' } }
    const { driver, sent } = await lied((asked) =>
      asked.method === method ? new Response(null, elsewhere) : undefined,
    )
    expect(await failure(calls[call]?.(driver) ?? Promise.resolve())).toMatchObject({ code: 'Unexpected' })
    const toGraph = sent.filter(({ url }) => url.hostname === 'graph.microsoft.com')
    expect(new Set(toGraph.map(({ redirect }) => redirect))).toEqual(new Set(['manual']))
  })
})

describe('addresses that the service gives out', () => {
  const signed = 'tempauth=marker'
  /** Answers with the address wherever one is given out: of bytes, of a session, of a monitor. */
  const leading =
    (address: string): Lie =>
    async ({ url, method }, truth) => {
      if (url.hostname !== 'graph.microsoft.com') return truth()
      if (url.pathname.endsWith('/createUploadSession'))
        return altered(truth(), (said) => ({ ...said, uploadUrl: address }))
      if (url.pathname.endsWith('/copy')) return new Response('', { status: 202, headers: { location: address } })
      if (method === 'GET' && url.pathname.endsWith('/content')) {
        return new Response('', { status: 302, headers: { location: address } })
      }
      if (method === 'GET' && url.pathname.endsWith('file.txt:')) {
        return altered(truth(), (said) => ({ ...said, '@microsoft.graph.downloadUrl': address }))
      }
      return truth()
    }
  const following = ['read', 'write in chunks', 'copy'] as const

  it.each(
    following.flatMap((call) =>
      [`http://127.0.0.1:1/?${signed}`, `file:///etc/passwd?${signed}`, `//host/?${signed}`, signed].map((address) => [
        call,
        address,
      ]),
    ),
  )('are not followed by %s to %s', async (call, address) => {
    const { driver, sent, told } = await lied(leading(address), small)
    const error = await failure(calls[call]?.(driver) ?? Promise.resolve())
    expect(error.code).toBe('Unexpected')
    expect(error.message + told.join()).not.toContain('marker')
    expect(hostsOf(sent)).toEqual(['graph.microsoft.com'])
  })

  it.each(following)('get no login from %s, whatever host they name', async (call) => {
    const { driver, sent, told } = await lied(
      (asked, truth) =>
        asked.url.hostname === 'evil.example'
          ? new Response('{}', { status: 400 })
          : leading(`https://evil.example/?${signed}`)(asked, truth),
      small,
    )
    const error = await failure(calls[call]?.(driver) ?? Promise.resolve())
    const there = sent.filter(({ url }) => url.hostname === 'evil.example')
    expect(there.length).toBeGreaterThan(0)
    expect(there.filter(({ headers }) => headers.has('authorization'))).toEqual([])
    expect(error.message + told.join()).not.toContain('marker')
  })

  it('for the next page lead to no other host, and the same page is not the next one', async () => {
    const page =
      (link: string): Lie =>
      ({ url }) =>
        url.pathname.endsWith('/children') ? Response.json({ value: [], '@odata.nextLink': link }) : undefined
    const { driver, sent } = await lied(page('https://evil.example/v1.0/x?$skiptoken=abc'))
    const { cursor } = await driver.list(parsePath(''))
    expect(await failure(driver.list(parsePath(''), { cursor }))).toMatchObject({ code: 'Unexpected' })
    expect(hostsOf(sent)).toEqual(['graph.microsoft.com'])
    expect(sent.at(-1)?.url.searchParams.get('$skiptoken')).toBe('abc')
    const broken = await lied(page('https://graph.microsoft.com/v1.0/x?$skiptoken=%E0%A4%A'))
    expect(await failure(broken.driver.list(parsePath('')))).toMatchObject({ code: 'Unexpected' })
  })
})

describe('names that nothing can have', () => {
  it.each(['..', '.', '', 'a/b', '../other', 'a:b', 'x:/children', 'a\\b', 'lone \ud800'])(
    '%j is not there',
    async (name) => {
      const driver: StorageDriver = await connect(service, { encoding: 'None' })
      for (const path of [pathOfNames(['folder', name]), pathOfNames(['folder', name, 'file.txt'])]) {
        expect(await failure(driver.stat(path))).toMatchObject({ code: 'NotFound' })
      }
      const deep = pathOfNames(['folder', name, name, 'folder', 'file.txt'])
      expect(await failure(driver.stat(deep))).toMatchObject({ code: 'NotFound' })
      const paths = service.requests.map(({ url }) => new URL(url).pathname)
      expect(paths.filter((path) => !path.endsWith(':/folder:'))).toEqual([])
      const writing = driver.write?.(pathOfNames(['folder', name]), { body: text('x') }) ?? Promise.resolve()
      expect(await failure(writing)).toMatchObject({ code: 'InvalidPath' })
    },
  )

  it('and that the service has all the same can be listed, and lead nowhere else', async () => {
    const { driver } = await lied(({ url }, truth) =>
      url.pathname.endsWith('/children')
        ? altered(truth(), ({ value }) => ({
            value: Array.isArray(value) ? value.map((item: object) => ({ ...item, name: '../up' })) : [],
          }))
        : undefined,
    )
    const { items } = await driver.list(parsePath('folder'))
    expect(items.map(({ path }) => path.split('/').length)).toEqual([2])
    expect(await failure(driver.read(items[0]?.path ?? parsePath('')))).toMatchObject({ code: 'NotFound' })
  })
})

describe('what is called off', () => {
  it('ends the download, be it by its signal or by letting go of the body', async () => {
    const ended = Promise.withResolvers<void>()
    const endless = (): Response =>
      new Response(
        new ReadableStream<Uint8Array>(
          { pull: (controller) => controller.enqueue(new Uint8Array(1000)), cancel: () => ended.resolve() },
          { highWaterMark: 0 },
        ),
      )
    const { driver, sent } = await lied(({ url }) => (url.hostname === 'graph.microsoft.com' ? undefined : endless()))
    const controller = new AbortController()
    const { body } = await driver.read(parsePath('folder/file.txt'), { signal: controller.signal })
    controller.abort()
    expect(sent.at(-1)?.signal?.aborted).toBe(true)
    await body.cancel()
    await ended.promise
  })

  it('is a copy that never ends', async () => {
    const { driver } = await lied(({ url }) =>
      url.pathname.includes('/monitor/') ? Response.json({ status: 'inProgress' }, { status: 202 }) : undefined,
    )
    const signal = AbortSignal.timeout(300)
    const copying = driver.copy(parsePath('folder/file.txt'), { destination: parsePath('endless.txt'), signal })
    expect(await failure(copying)).toMatchObject({ code: 'Aborted' })
  })
})

describe('an upload', () => {
  it('that is said to be whole before it is, is not', async () => {
    const { driver } = await lied(
      ({ url, method }) =>
        method === 'PUT' && url.hostname !== 'graph.microsoft.com'
          ? Response.json({ id: 'x', name: 'early.bin', file: {} }, { status: 201 })
          : undefined,
      small,
    )
    const writing = driver.write(parsePath('early.bin'), { body: streamBytes(Buffer.alloc(2 * unit)), size: 2 * unit })
    expect(await failure(writing)).toMatchObject({ code: 'Unexpected' })
    expect(countOf(service, 'cancel upload')).toBe(1)
    expect(itemAt(service, 'early.bin')).toBeUndefined()
  })
})

describe('a huge folder', () => {
  it('is read by the page, and no further than somebody asks', async () => {
    const page = { value: [{ id: 'x', name: 'x', folder: {} }], '@odata.nextLink': 'https://x/?$skiptoken=' }
    let count = 0
    const { driver, sent } = await lied(({ url }) => {
      if (!url.pathname.endsWith('/children')) return undefined
      count += 1
      return Response.json({ ...page, '@odata.nextLink': `https://x/?$skiptoken=${count}` })
    })
    let cursor: string | undefined
    for (let asked = 1; asked <= 5; asked++) {
      cursor = (await driver.list(parsePath(''), { cursor })).cursor
      expect(sent).toHaveLength(asked)
    }
  })
})

describe('what is all right', () => {
  it('is so with the fetch of these tests', async () => {
    const { driver } = await lied(() => undefined)
    expect(await names(driver)).toContain('folder')
    expect(await read(driver, 'folder/file.txt')).toBe('content')
    expect(contentAt(service, 'folder/file.txt')).toBe('content')
    expect(await collectBytes((await driver.read(parsePath('folder/file.txt'))).body)).toHaveLength(7)
  })
})
