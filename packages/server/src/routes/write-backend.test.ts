import { createHash } from 'node:crypto'
import {
  type Entry,
  type OptionalMethod,
  memory,
  parsePath,
  Storage,
  type StorageDriver,
  StorageError,
  type WriteOptions,
} from '@filegate/core'
import { afterEach, describe, expect, it } from 'vitest'
import { everything, type Scope } from '../access/scope.ts'
import type { Settings } from '../settings.ts'
import { type ReadingApp, type ReadingAppOptions, storageApp } from '../testing/reading-app.ts'

const opened: ReadingApp[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((app) => app.close()))
})

/** An app over backends, with what stands on them. */
function serve(backends: Readonly<Record<string, StorageDriver>>, options: ReadingAppOptions = {}): ReadingApp {
  const app = storageApp(memory({ 'here.txt': 'here' }), { backends, ...options })
  opened.push(app)
  return app
}

const at = (path: string, query = ''): string => `/api/v1/files/${path}?backend=one${query}`

/** Everything on a storage, by path; folders end in a slash. */
async function contentsOf(driver: StorageDriver): Promise<Record<string, string>> {
  const storage = new Storage(driver)
  const found: Record<string, string> = {}
  for await (const entry of storage.walk('')) {
    if (entry.kind === 'file') found[entry.path] = await storage.text(entry.path)
    else found[`${entry.path}/`] = ''
  }
  return found
}

function without(driver: StorageDriver, ...methods: readonly OptionalMethod[]): StorageDriver {
  return { ...driver, ...Object.fromEntries(methods.map((method) => [method, undefined])) }
}

/** A storage that evaluates no conditions, as most do. */
function unconditional(driver: StorageDriver): StorageDriver {
  const write = driver.write?.bind(driver)
  return {
    ...driver,
    traits: { ...driver.traits, conditions: [] },
    ...(write && {
      write: (path, { conditions, ...options }: WriteOptions) => {
        expect(conditions).toBeUndefined()
        return write(path, options)
      },
    }),
  }
}

/** A storage that tells two writes of the same bytes and the same time not apart. */
function withoutEtags(driver: StorageDriver): StorageDriver {
  const plain = <Item extends Entry>(entry: Item): Item => ({ ...entry, etag: undefined, version: undefined })
  return {
    ...without(driver, 'walk'),
    stat: async (path, options) => plain(await driver.stat(path, options)),
    list: async (path, options) => {
      const page = await driver.list(path, options)
      return { ...page, items: page.items.map(plain) }
    },
  }
}

/** A storage that takes names for the same that differ in case only. */
function caseless(driver: StorageDriver): StorageDriver {
  const lower = <Options>(options: Options): Options =>
    options && typeof options === 'object' && 'destination' in options && typeof options.destination === 'string'
      ? { ...options, destination: parsePath(options.destination.toLowerCase()) }
      : options
  const traits = { ...driver.traits, caseSensitive: false }
  const methods = Object.entries(driver).flatMap(([name, method]) =>
    typeof method === 'function'
      ? [[name, (path: string, options: unknown) => method(parsePath(path.toLowerCase()), lower(options))]]
      : [],
  )
  return { ...driver, ...Object.fromEntries(methods), traits }
}

const textOf = async (driver: StorageDriver, path: string): Promise<string> => new Storage(driver).text(path)
async function errorOf(response: Response): Promise<unknown> {
  const envelope: unknown = await response.json()
  expect(envelope).toMatchObject({ success: false, error: expect.any(String) })
  return [response.status, envelope && typeof envelope === 'object' && 'code' in envelope ? envelope.code : undefined]
}

/** A body that comes when it is told to, and tells whether anybody has read it. */
function scripted() {
  const state = { pulls: 0, cancelled: false }
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const begun = Promise.withResolvers<void>()
  const body = new ReadableStream<Uint8Array>(
    {
      start: (own) => void (controller = own),
      pull() {
        state.pulls += 1
        begun.resolve()
      },
      cancel: () => void (state.cancelled = true),
    },
    { highWaterMark: 0 },
  )
  return {
    state,
    init: { body, duplex: 'half' } satisfies RequestInit & { duplex: string },
    begun: begun.promise,
    give: (text: string) => controller?.enqueue(new TextEncoder().encode(text)),
    end: () => controller?.close(),
    fail: () => controller?.error(new Error('connection reset')),
  }
}

const features = (...names: readonly ('upload' | 'delete')[]): Partial<Settings> => ({
  allow: {
    upload: names.includes('upload'),
    delete: names.includes('delete'),
    search: true,
    symlink: false,
    archive: true,
    hash: true,
    grep: true,
    remote: true,
    journal: false,
    thumbnails: false,
    chmod: false,
    chown: false,
  },
})

describe('PUT on a backend', () => {
  it('makes a file with the folders above it, and replaces it', async () => {
    const one = memory()
    const app = serve({ one })
    const made = await app.send('PUT', at('a/b/c.txt'), { body: 'first' })
    expect([made.status, await made.json()]).toEqual([
      201,
      { success: true, message: 'The file /a/b/c.txt was stored.', path: '/a/b/c.txt', size: 5 },
    ])
    expect(made.headers.get('etag')).toBe((await app.get(at('a/b/c.txt'))).headers.get('etag'))
    expect((await app.send('PUT', at('a/b/c.txt'), { body: 'second' })).status).toBe(201)
    expect(await textOf(one, 'a/b/c.txt')).toBe('second')
  })

  it('stores nothing as an empty file', async () => {
    const one = memory()
    expect(await (await serve({ one }).send('PUT', at('empty'))).json()).toMatchObject({ size: 0 })
    expect(await textOf(one, 'empty')).toBe('')
  })

  it('streams: the first bytes arrive before the last are sent', async () => {
    const first = Promise.withResolvers<string>()
    const one = memory()
    const watching: StorageDriver = {
      ...one,
      async write(path, { body, ...options }) {
        const reader = body.getReader()
        first.resolve(new TextDecoder().decode((await reader.read()).value))
        while (!(await reader.read()).done);
        return one.write?.(path, { ...options, body: new Response('done').body ?? body }) ?? Promise.reject()
      },
    }
    const upload = scripted()
    const answer = serve({ one: watching }).send('PUT', at('big'), upload.init)
    upload.give('the beginning')
    expect(await first.promise).toBe('the beginning')
    upload.end()
    expect((await answer).status).toBe(201)
  })

  it('keeps the time and the type that the client says', async () => {
    const one = memory()
    const app = serve({ one })
    const made = await app.send('PUT', at('a.bin'), {
      body: 'x',
      headers: { 'x-oc-mtime': '1600000000.5', 'content-type': 'text/x-own' },
    })
    expect(made.headers.get('x-oc-mtime')).toBe('accepted')
    expect(await one.stat(parsePath('a.bin'))).toMatchObject({ modified: 1_600_000_000_500, contentType: 'text/x-own' })
    const headers = {
      'last-modified': 'Sun, 06 Nov 1994 08:49:37 GMT',
      'content-type': 'application/x-www-form-urlencoded',
    }
    await app.send('PUT', at('b.css'), { body: 'x', headers })
    expect(await one.stat(parsePath('b.css'))).toMatchObject({ modified: 784_111_777_000, contentType: 'text/css' })
  })

  it.each([
    ['a part of a file', {}, { 'content-range': 'bytes 0-1/5' }, 400],
    ['compressed content', {}, { 'content-encoding': 'gzip' }, 415],
    ['a time that is none', {}, { 'x-oc-mtime': 'yesterday' }, 400],
    ['a date that is none', {}, { 'last-modified': 'yesterday' }, 400],
    ['a digest that is none', {}, { 'content-md5': 'zzz' }, 400],
    ['a body that is announced too large', { maxBodySize: 3 }, { 'content-length': '4' }, 413],
  ] as const)('refuses %s without reading the body', async (_what, settings, headers, status) => {
    const one = memory({ 'a.txt': 'old' })
    const upload = scripted()
    const answer = await serve({ one }, { settings }).send('PUT', at('a.txt'), { ...upload.init, headers })
    expect([answer.status, upload.state.pulls]).toEqual([status, 0])
    expect(await textOf(one, 'a.txt')).toBe('old')
  })

  it('refuses the root and a name that ends in a slash', async () => {
    const app = serve({ one: memory() })
    for (const path of ['', 'folder/']) expect((await app.send('PUT', at(path), { body: 'x' })).status).toBe(400)
  })

  it('says 501 for what backends cannot do', async () => {
    const one = memory({ 'a.txt': 'old' })
    const app = serve({ one })
    for (const query of ['append', 'chmod=0644', 'chown=root', 'owner=me']) {
      expect(await errorOf(await app.send('PUT', at('a.txt', `&${query}`), { body: 'x' }))).toEqual([
        501,
        'UNSUPPORTED',
      ])
    }
    const readOnly = serve({ one: without(one, 'write') })
    expect(await errorOf(await readOnly.send('PUT', at('a.txt'), { body: 'x' }))).toEqual([501, 'UNSUPPORTED'])
    expect(await contentsOf(one)).toEqual({ 'a.txt': 'old' })
  })
})

describe('an upload that goes wrong leaves the old content', () => {
  it('when it breaks off', async () => {
    const one = memory({ 'a.txt': 'old' })
    const upload = scripted()
    const answer = serve({ one }).send('PUT', at('a.txt'), upload.init)
    upload.give('half of the')
    await upload.begun
    upload.fail()
    expect((await answer).status).toBe(499)
    expect(await contentsOf(one)).toEqual({ 'a.txt': 'old' })
  })

  it('when the client leaves', async () => {
    const one = memory({ 'a.txt': 'old' })
    const upload = scripted()
    const leaving = new AbortController()
    const answer = serve({ one }).send('PUT', at('new.txt'), { ...upload.init, signal: leaving.signal })
    upload.give('half of the')
    await upload.begun
    leaving.abort()
    expect((await answer).status).toBe(499)
    expect(upload.state.cancelled).toBe(true)
    expect(await contentsOf(one)).toEqual({ 'a.txt': 'old' })
  })

  it('when it grows over the limit', async () => {
    const one = memory({ 'a.txt': 'old' })
    const app = serve({ one }, { settings: { maxBodySize: 5 } })
    const upload = scripted()
    const answer = app.send('PUT', at('a.txt'), upload.init)
    upload.give('123')
    upload.give('456')
    expect(await errorOf(await answer)).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    expect((await app.send('PUT', at('b.txt'), { body: '12345' })).status).toBe(201)
    expect(await contentsOf(one)).toEqual({ 'a.txt': 'old', 'b.txt': '12345' })
  })

  const digest = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('base64')
  it.each([
    ['Content-MD5', digest('md5', 'new')],
    ['Digest', `SHA-256=${digest('sha256', 'new')},unixsum=30637`],
    ['Repr-Digest', `sha-512=:${digest('sha512', 'new')}:, sha-256=:${digest('sha256', 'new')}:`],
    ['Content-Digest', `md5=:${digest('md5', 'new')}:`],
  ])('when it is not what %s announced', async (name, value) => {
    const one = memory({ 'a.txt': 'old' })
    const app = serve({ one })
    for (const body of ['nex', '', 'newer']) {
      const answer = await app.send('PUT', at('a.txt'), { body, headers: { [name]: value } })
      expect(await errorOf(answer)).toEqual([422, 'CHECKSUM_MISMATCH'])
      expect(await textOf(one, 'a.txt')).toBe('old')
    }
    expect((await app.send('PUT', at('a.txt'), { body: 'new', headers: { [name]: value } })).status).toBe(201)
    expect(await textOf(one, 'a.txt')).toBe('new')
  })
})

describe.each([
  ['that evaluates conditions', (driver: StorageDriver) => driver],
  ['that evaluates none', unconditional],
])('conditions, on a backend %s', (_what, adapted) => {
  it('hold a write that replaces, and one that makes', async () => {
    const one = memory({ 'a.txt': 'old' })
    const app = serve({ one: adapted(one) })
    const etag = (await app.get(at('a.txt'))).headers.get('etag') ?? ''
    const status = async (path: string, headers: Record<string, string>, method = 'PUT'): Promise<number> =>
      (await app.send(method, at(path), { headers, ...(method === 'PUT' && { body: 'new' }) })).status
    expect(await status('a.txt', { 'if-match': '"other"' })).toBe(412)
    expect(await status('a.txt', { 'if-none-match': '*' })).toBe(412)
    expect(await status('a.txt', { 'if-unmodified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' })).toBe(412)
    expect(await status('none.txt', { 'if-match': '*' })).toBe(412)
    expect(await status('a.txt', { 'if-match': '"other"' }, 'DELETE')).toBe(412)
    expect(await contentsOf(one)).toEqual({ 'a.txt': 'old' })
    expect(await status('a.txt', { 'if-match': etag, 'if-modified-since': new Date().toUTCString() })).toBe(201)
    expect(await status('a.txt', { 'if-match': etag })).toBe(412)
    expect(await status('b.txt', { 'if-none-match': '*' })).toBe(201)
    expect(await contentsOf(one)).toEqual({ 'a.txt': 'new', 'b.txt': 'new' })
  })

  it('let one of two through that write the same state at the same time', async () => {
    const one = memory({ 'a.txt': 'old' })
    const app = serve({ one: adapted(one) })
    const etag = (await app.get(at('a.txt'))).headers.get('etag') ?? ''
    for (const [path, condition] of [
      ['a.txt', { 'if-match': etag }],
      ['new.txt', { 'if-none-match': '*' }],
    ] as const) {
      const uploads = [scripted(), scripted()]
      const answers = uploads.map(({ init }) => app.send('PUT', at(path), { ...init, headers: condition }))
      for (const [place, upload] of uploads.entries()) {
        upload.give(`writer ${place}`)
        await upload.begun
      }
      for (const { end } of uploads) end()
      const statuses = (await Promise.all(answers)).map(({ status }) => status)
      expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 412])
      expect(await textOf(one, path)).toBe(`writer ${statuses.indexOf(201)}`)
    }
  })

  it('are not needed to keep what may not be deleted', async () => {
    const one = memory({ 'a.txt': 'old', empty: '' })
    const app = serve({ one: adapted(one) }, { settings: features('upload') })
    expect(await errorOf(await app.send('PUT', at('a.txt'), { body: 'new' }))).toEqual([403, 'ACCESS_FORBIDDEN'])
    expect((await app.send('PUT', at('empty'), { body: 'new' })).status).toBe(201)
    const slow = scripted()
    const answer = app.send('PUT', at('b.txt'), slow.init)
    slow.give('slow')
    await slow.begun
    await app.send('PUT', at('b.txt'), { body: 'fast' })
    slow.end()
    expect([409, 403]).toContain((await answer).status)
    expect(await contentsOf(one)).toEqual({ 'a.txt': 'old', empty: 'new', 'b.txt': 'fast' })
  })
})

describe('PUT ?touch', () => {
  it('sets the time of a file, makes an empty one, and refuses folders', async () => {
    const one = memory({ 'a.txt': 'old', 'folder/': '' })
    const app = serve({ one })
    const headers = { 'x-oc-mtime': '1600000000' }
    expect((await app.send('PUT', at('a.txt', '&touch'), { headers })).status).toBe(204)
    expect(await one.stat(parsePath('a.txt'))).toMatchObject({ modified: 1_600_000_000_000, size: 3 })
    expect((await app.send('PUT', at('new.txt', '&touch'), { headers })).status).toBe(201)
    expect(await one.stat(parsePath('new.txt'))).toMatchObject({ modified: 1_600_000_000_000, size: 0 })
    expect(await errorOf(await app.send('PUT', at('folder', '&touch')))).toEqual([400, 'IS_A_DIRECTORY'])
    const timeless = serve({ one: without(one, 'setModified') })
    expect((await timeless.send('PUT', at('a.txt', '&touch'))).status).toBe(501)
  })
})

describe('POST ?mkdir', () => {
  it('makes a folder with those above it', async () => {
    const one = memory({ 'a.txt': 'old' })
    const app = serve({ one })
    const made = await app.send('POST', at('x/y', '&mkdir'))
    expect([made.status, await made.json()]).toEqual([201, { success: true, message: 'The folder /x/y is there.' }])
    expect(await contentsOf(one)).toEqual({ 'a.txt': 'old', 'x/': '', 'x/y/': '' })
    expect((await app.send('POST', at('a.txt', '&mkdir'))).status).toBe(409)
    expect((await app.send('POST', at('', '&mkdir'))).status).toBe(400)
    const flat = serve({ one: without(one, 'makeDirectory') })
    expect((await flat.send('POST', at('z', '&mkdir'))).status).toBe(501)
  })
})

describe('DELETE', () => {
  it('removes a file, or a folder with all it holds, but never the root', async () => {
    const one = memory({ 'a.txt': 'old', 'folder/deep/b.txt': 'b', 'folder-2/c.txt': 'c' })
    const app = serve({ one })
    expect((await app.send('DELETE', at('a.txt'))).status).toBe(204)
    expect((await app.send('DELETE', at('folder'))).status).toBe(204)
    expect(await errorOf(await app.send('DELETE', at('folder')))).toEqual([404, 'NOT_FOUND'])
    for (const root of ['', '/', '.', '%2f']) expect((await app.send('DELETE', at(root))).status).toBe(400)
    expect(await contentsOf(one)).toEqual({ 'folder-2/': '', 'folder-2/c.txt': 'c' })
  })
})

const tree = { 'src/a.txt': 'a', 'src/deep/b.txt': 'b', 'src/hollow/': '', 'beside.txt': 'beside' }
const copied = { 'to/': '', 'to/a.txt': 'a', 'to/deep/': '', 'to/deep/b.txt': 'b', 'to/hollow/': '' }

describe.each([
  ['that copies and moves', []],
  ['that only copies', ['move'] as const],
  ['that does neither', ['copy', 'move'] as const],
] satisfies [string, readonly OptionalMethod[]][])('POST on a backend %s', (_what, lacking) => {
  it('copies and moves files and folders', async () => {
    const one = memory(tree)
    const app = serve({ one: without(one, ...lacking) })
    const before = await contentsOf(one)
    const copy = await app.send('POST', at('src', '&copy_to=/to'))
    expect([copy.status, await copy.json()]).toEqual([200, { success: true, source: '/src', destination: '/to' }])
    expect(await contentsOf(one)).toEqual({ ...before, ...copied })
    const move = await app.send('POST', at('src', '&move_to=/new/place'))
    expect([move.status, await move.json()]).toEqual([
      200,
      { success: true, source: '/src', destination: '/new/place' },
    ])
    expect((await app.send('POST', at('beside.txt', '&move_to=/moved.txt'))).status).toBe(200)
    expect(await contentsOf(one)).toEqual({
      ...copied,
      'moved.txt': 'beside',
      'new/': '',
      'new/place/': '',
      'new/place/a.txt': 'a',
      'new/place/deep/': '',
      'new/place/deep/b.txt': 'b',
      'new/place/hollow/': '',
    })
  })

  it('keeps what is at the destination unless told to overwrite', async () => {
    const one = memory({ 'a.txt': 'a', 'b.txt': 'b' })
    const app = serve({ one: without(one, ...lacking) })
    for (const kind of ['copy_to', 'move_to']) {
      expect(await errorOf(await app.send('POST', at('a.txt', `&${kind}=/b.txt`)))).toEqual([409, 'ALREADY_EXISTS'])
    }
    expect(await contentsOf(one)).toEqual({ 'a.txt': 'a', 'b.txt': 'b' })
    expect((await app.send('POST', at('a.txt', '&copy_to=/b.txt&overwrite'))).status).toBe(200)
    expect(await contentsOf(one)).toEqual({ 'a.txt': 'a', 'b.txt': 'a' })
    expect((await app.send('POST', at('a.txt', '&move_to=/b.txt&overwrite'))).status).toBe(200)
    expect(await contentsOf(one)).toEqual({ 'b.txt': 'a' })
  })

  it('refuses what contains itself, what is not there, and the root as a destination', async () => {
    const one = memory(tree)
    const app = serve({ one: without(one, ...lacking) })
    const before = await contentsOf(one)
    for (const kind of ['copy_to', 'move_to']) {
      const status = async (path: string, to: string): Promise<number> =>
        (await app.send('POST', at(path, `&${kind}=${to}`))).status
      expect(await status('src', '/src/deep/x')).toBe(400)
      expect(await status('src/deep', '/src&overwrite')).toBe(400)
      expect(await status('src', '/src&overwrite')).toBe(400)
      expect(await status('missing', '/x')).toBe(404)
      for (const to of ['/', '', 'relative', 'one:', 'one:relative', '/../x', 'one:/']) {
        expect(await status('src', to)).toBe(400)
      }
    }
    expect((await app.send('POST', at('', '&move_to=/x'))).status).toBe(400)
    expect(await contentsOf(one)).toEqual(before)
  })
})

describe('POST between backends', () => {
  it('copies and moves folders, and the whole of a backend', async () => {
    const [one, two] = [memory(tree, { now: () => 1_600_000_000_000 }), memory()]
    const app = serve({ one, two })
    const copy = await app.send('POST', at('src', '&copy_to=two:/to'))
    expect([copy.status, await copy.json()]).toEqual([200, { success: true, source: '/src', destination: 'two:/to' }])
    expect(await contentsOf(two)).toEqual(copied)
    expect(await two.stat(parsePath('to/a.txt'))).toMatchObject({ modified: 1_600_000_000_000 })
    expect((await app.send('POST', at('', '&copy_to=two:/all'))).status).toBe(200)
    expect(await contentsOf(two)).toMatchObject({ 'all/beside.txt': 'beside', 'all/src/deep/b.txt': 'b' })
    expect((await app.send('POST', at('src', '&move_to=two:/moved'))).status).toBe(200)
    expect(await contentsOf(one)).toEqual({ 'beside.txt': 'beside' })
    expect(await contentsOf(two)).toMatchObject({ 'moved/deep/b.txt': 'b' })
  })

  it('replaces a folder when told to, once the new one is complete', async () => {
    const [one, two] = [memory(tree), memory({ 'to/old.txt': 'old' })]
    const app = serve({ one, two })
    expect((await app.send('POST', at('src', '&copy_to=two:/to'))).status).toBe(409)
    expect((await app.send('POST', at('src', '&copy_to=two:/to&overwrite'))).status).toBe(200)
    expect(await contentsOf(two)).toEqual(copied)
  })

  it('leaves no half of anything when a file cannot be read', async () => {
    const [one, two] = [memory({ ...tree, 'src/bad.txt': 'x'.repeat(200_000) }), memory({ 'to/old.txt': 'old' })]
    const failing: StorageDriver = {
      ...one,
      async read(path, options) {
        const result = await one.read(path, options)
        if (path !== 'src/bad.txt') return result
        let count = 0
        const breaking = new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            if (count++ === 0) controller.enqueue(chunk)
            else controller.error(new StorageError('Unavailable', 'The vendor hung up.'))
          },
        })
        return { ...result, body: result.body.pipeThrough(breaking) }
      },
    }
    const app = serve({ one: failing, two })
    const replacing = await app.send('POST', at('src', '&copy_to=two:/to&overwrite'))
    expect(await errorOf(replacing)).toEqual([503, 'UNAVAILABLE'])
    expect(await contentsOf(two)).toEqual({ 'to/': '', 'to/old.txt': 'old' })
    for (const kind of ['copy_to', 'move_to']) {
      expect((await app.send('POST', at('src', `&${kind}=two:/fresh-${kind}`))).status).toBe(503)
      expect(await contentsOf(two)).not.toHaveProperty([`fresh-${kind}/bad.txt`])
    }
    expect(await contentsOf(one)).toHaveProperty(['src/bad.txt'])
  })

  it('stops when the client leaves', async () => {
    const [one, two] = [memory(Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`src/${n}`, 'x']))), memory()]
    const leaving = new AbortController()
    let writes = 0
    const watched: StorageDriver = {
      ...two,
      write: (path, options) => {
        writes += 1
        if (writes === 5) leaving.abort()
        return two.write?.(path, options) ?? Promise.reject()
      },
    }
    const answer = await serve({ one, two: watched }).send('POST', at('src', '&copy_to=two:/to'), {
      signal: leaving.signal,
    })
    expect(answer.status).toBe(499)
    expect(writes).toBeLessThan(10)
  })

  it('removes nothing when the source changed meanwhile', async () => {
    const [one, two] = [memory(tree), memory()]
    const changing: StorageDriver = {
      ...two,
      async write(path, options) {
        await new Storage(one).write('src/late.txt', 'late')
        return (await two.write?.(path, options)) ?? Promise.reject()
      },
    }
    const app = serve({ one, two: changing })
    expect((await app.send('POST', at('src', '&move_to=two:/to'))).status).toBe(409)
    expect(await contentsOf(one)).toMatchObject({ 'src/a.txt': 'a', 'src/late.txt': 'late' })
  })

  it.each([
    ['a backend that tells every change', (driver: StorageDriver) => driver],
    ['a backend that tells no change but by size and time', withoutEtags],
  ])('loses nothing when both are ways to the same place, on %s', async (_what, adapted) => {
    const one = memory(tree)
    const app = serve({ one: adapted(one), two: adapted(one) })
    const before = await contentsOf(one)
    for (const query of [
      '&move_to=two:/src&overwrite',
      '&move_to=two:/src/deep/within',
      '&copy_to=two:/src&overwrite',
      '&copy_to=two:/src/within',
    ]) {
      await app.send('POST', at('src', query))
      expect(await contentsOf(one)).toMatchObject(before)
    }
    expect((await app.send('POST', at('beside.txt', '&move_to=two:/beside.txt&overwrite'))).status).toBe(409)
    expect(await contentsOf(one)).toMatchObject(before)
  })

  it.each([[[]], [['move'] as const], [['copy', 'move'] as const]] satisfies [readonly OptionalMethod[]][])(
    'loses nothing where names that differ in case are the same, without %j',
    async (lacking) => {
      const one = memory({ 'a/b.txt': 'b' })
      const app = serve({ one: without(caseless(one), ...lacking) })
      for (const query of ['&move_to=/A', '&move_to=/A&overwrite', '&copy_to=/A&overwrite', '&copy_to=/A/within']) {
        expect((await app.send('POST', at('a', query))).status).toBe(400)
        expect(await contentsOf(one)).toEqual({ 'a/': '', 'a/b.txt': 'b' })
      }
    },
  )

  it('renames to another case where the backend can', async () => {
    const one = caseless(memory({ 'a.txt': 'a' }))
    const moves: unknown[] = []
    const move: StorageDriver['move'] = async (path, { destination, overwrite }) => {
      moves.push([path, destination, overwrite])
      return one.stat(path)
    }
    expect((await serve({ one: { ...one, move } }).send('POST', at('a.txt', '&move_to=/A.txt'))).status).toBe(200)
    expect(moves).toEqual([['a.txt', 'A.txt', false]])
  })

  it('says which one cannot be written', async () => {
    const app = serve({ one: memory(tree), two: without(memory(), 'write') })
    const answer = await app.send('POST', at('src', '&copy_to=two:/to'))
    expect(await errorOf(answer)).toEqual([501, 'UNSUPPORTED'])
    expect((await app.send('POST', at('src', '&copy_to=three:/to'))).status).toBe(404)
  })
})

describe('PATCH', () => {
  const patch = (app: ReadingApp, path: string, body: unknown, query = '') =>
    app.send('PATCH', at(path, query), {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })

  it('gives another name or another place', async () => {
    const one = memory(tree)
    const app = serve({ one, two: memory() })
    const renamed = await patch(app, 'src/deep', { name: 'shallow' })
    expect([renamed.status, await renamed.json()]).toEqual([
      200,
      { success: true, source: '/src/deep', destination: '/src/shallow' },
    ])
    expect(await (await patch(app, 'beside.txt', { move_to: 'two:/b.txt' })).json()).toMatchObject({
      destination: 'two:/b.txt',
    })
    expect((await patch(app, 'src/a.txt', { name: 'shallow' })).status).toBe(409)
    expect(Object.keys(await contentsOf(one))).not.toContain('beside.txt')
  })

  it.each([
    {},
    [],
    { name: 'a', move_to: '/b' },
    { name: '../b' },
    { name: 'a/b' },
    { name: '' },
    { name: 5 },
    { move_to: 'b' },
    { name: 'x', other: 1 },
  ])('refuses %j', async (body) => {
    const one = memory(tree)
    const app = serve({ one })
    expect((await patch(app, 'beside.txt', body)).status).toBe(400)
    expect(await contentsOf(one)).toHaveProperty(['beside.txt'])
  })
})

describe('a request to change something', () => {
  const everyWay = [
    ['PUT', 'a.txt', ''],
    ['PUT', 'a.txt', '&touch'],
    ['POST', 'new', '&mkdir'],
    ['POST', 'a.txt', '&move_to=/b.txt'],
    ['POST', 'a.txt', '&copy_to=/b.txt'],
    ['POST', 'a.txt', '&copy_to=two:/b.txt'],
    ['PATCH', 'a.txt', ''],
    ['DELETE', 'a.txt', ''],
  ] as const

  const scope = (levels: Readonly<Record<string, Scope['level']>>, user: string | null = 'bob'): Scope => {
    const onBackend = (id: string): Scope => {
      const level = levels[id] ?? (() => 'none' as const)
      return { ...everything, user, unrestricted: false, level, lowest: level }
    }
    return { ...everything, user, onBackend }
  }

  it.each(everyWay)(
    'is refused without a change and without reading the body: %s %s%s',
    async (method, path, query) => {
      const one = memory({ 'a.txt': 'old' })
      const calls: string[] = []
      const watched = new Proxy(one, {
        get: (driver, name, receiver) => {
          if (typeof name === 'string' && name !== 'traits' && name !== 'provider' && name !== 'then') calls.push(name)
          return Reflect.get(driver, name, receiver)
        },
      })
      const attempt = async (options: ReadingAppOptions, headers: Record<string, string> = {}): Promise<number> => {
        const upload = scripted()
        const app = serve({ one: watched, two: memory() }, options)
        calls.length = 0
        const answer = await app.send(method, at(path, query), {
          ...upload.init,
          headers: { 'content-type': 'application/json', ...headers },
        })
        expect(upload.state.pulls).toBe(0)
        expect(calls).toEqual([])
        return answer.status
      }
      const readOnly = { one: () => 'read' as const, two: () => 'read' as const }
      expect(await attempt({ scope: scope({}) })).toBe(403)
      expect(await attempt({ scope: scope({}, null) })).toBe(401)
      expect(await attempt({ scope: scope(readOnly) })).toBe(403)
      expect(await attempt({ settings: features() })).toBe(403)
      expect(await attempt({ backends: undefined })).toBe(403)
      expect(await attempt({}, { 'sec-fetch-site': 'cross-site' })).toBe(403)
      expect(await attempt({}, { origin: 'https://evil.example' })).toBe(403)
      expect(await contentsOf(one)).toEqual({ 'a.txt': 'old' })
    },
  )

  it('needs the right to everything that a folder holds', async () => {
    const one = memory({ 'a/open.txt': 'open', 'a/closed/x.txt': 'x' })
    const lowest: Scope['lowest'] = (path) => (path === 'a' || path.startsWith('a/closed') ? 'read' : 'write')
    const own: Scope = { ...everything, user: 'bob', lowest }
    const app = serve({ one }, { scope: { ...own, onBackend: () => own } })
    expect((await app.send('DELETE', at('a'))).status).toBe(403)
    expect((await app.send('POST', at('a', '&move_to=/b'))).status).toBe(403)
    expect((await app.send('POST', at('b', '&copy_to=/a&overwrite'))).status).toBe(403)
    expect((await app.send('POST', at('a', '&copy_to=/b'))).status).toBe(200)
    expect((await app.send('DELETE', at('a/open.txt'))).status).toBe(204)
    expect(await contentsOf(one)).toHaveProperty(['a/closed/x.txt'])
  })

  it('is judged by the one spelling of its path', async () => {
    const one = memory()
    const level: Scope['level'] = (path) => (path === 'a\u{201b}\u{201b}b' ? 'read' : 'write')
    const own: Scope = { ...everything, user: 'bob', level, lowest: level }
    const app = serve({ one }, { scope: { ...own, onBackend: () => own } })
    for (const name of ['a\u{201b}b', 'a\u{201b}\u{201b}b'].map(encodeURIComponent)) {
      expect((await app.send('PUT', at(name), { body: 'x' })).status).toBe(403)
      expect((await app.send('POST', at('x', `&copy_to=/${name}`))).status).toBe(403)
    }
  })

  it('replaces content only where deleting is allowed', async () => {
    const one = memory({ 'a.txt': 'a', 'b.txt': 'b', empty: '' })
    const app = serve({ one }, { settings: features('upload') })
    expect((await app.send('POST', at('a.txt', '&copy_to=/b.txt&overwrite'))).status).toBe(403)
    expect((await app.send('POST', at('a.txt', '&copy_to=/empty&overwrite'))).status).toBe(200)
    expect((await app.send('POST', at('a.txt', '&move_to=/c.txt'))).status).toBe(403)
    expect((await app.send('DELETE', at('a.txt'))).status).toBe(403)
    expect(await contentsOf(one)).toEqual({ 'a.txt': 'a', 'b.txt': 'b', empty: 'a' })
  })

  it('names exactly one thing to do', async () => {
    const one = memory({ 'a.txt': 'a' })
    const app = serve({ one })
    const status = async (method: string, query: string): Promise<number> =>
      (await app.send(method, at('a.txt', query))).status
    expect(await status('POST', '')).toBe(400)
    expect(await status('POST', '&mkdir=false')).toBe(400)
    expect(await status('POST', '&move_to=/b&copy_to=/c')).toBe(400)
    expect(await status('POST', '&mkdir&copy_to=/c')).toBe(400)
    expect(await status('POST', '&extract')).toBe(501)
    expect(await status('POST', '&download_from=http://x/')).toBe(501)
    expect(await status('DELETE', '&mkdir')).toBe(400)
    expect(await status('PUT', '&copy_to=/c')).toBe(400)
    expect(await contentsOf(one)).toEqual({ 'a.txt': 'a' })
  })

  it('is taken for backends only, and OPTIONS says so', async () => {
    const app = serve({ one: memory() })
    const all = 'GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS'
    expect((await app.send('OPTIONS', at('a.txt'))).headers.get('allow')).toBe(all)
    const strange = await app.send('PROPFIND', at('a.txt'))
    expect([strange.status, strange.headers.get('allow')]).toEqual([405, all])
    for (const target of ['/api/v1/files/a.txt', '/a.txt', '/a.txt?backend=one']) {
      expect((await app.send('OPTIONS', target)).headers.get('allow')).toBe('GET, HEAD, OPTIONS')
      for (const method of ['PUT', 'POST', 'PATCH', 'DELETE']) {
        const answer = await app.send(method, target)
        expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
      }
    }
  })
})
