import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type GoogleCloudStorage, startGoogleCloudStorage } from './start-google-cloud-storage.ts'
import { namesOf, refusalOf, type Sent, testingClient, textOf } from './testing-client.ts'

describe('objects of the storage simulator', () => {
  let storage: GoogleCloudStorage
  let call: ReturnType<typeof testingClient>

  beforeEach(async () => {
    storage = await startGoogleCloudStorage()
    call = testingClient(storage.endpoint)
    storage.addBucket({ name: 'one' })
  })
  afterEach(() => storage.close())

  const path = (name: string): string => `/storage/v1/b/one/o/${encodeURIComponent(name)}`
  const put = (name: string, body: string | Uint8Array = name, sent: Sent = {}) =>
    call('POST', '/upload/storage/v1/b/one/o', { ...sent, query: { uploadType: 'media', name, ...sent.query }, body })
  const list = (query: Record<string, string> = {}) => call('GET', '/storage/v1/b/one/o', { query })

  it('are shown with sizes, checksums, times and links', async () => {
    await put('d/é #?.txt', 'hello world', { headers: { 'content-type': 'text/plain' } })
    const { json, headers } = await call('GET', path('d/é #?.txt'))
    expect(json).toMatchObject({
      kind: 'storage#object',
      name: 'd/é #?.txt',
      bucket: 'one',
      size: '11',
      contentType: 'text/plain',
      storageClass: 'STANDARD',
      md5Hash: 'XrY7u+Ae7tCTyyK7j1rNww==',
      crc32c: 'yZRlqg==',
      metageneration: '1',
      timeCreated: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    })
    expect(json).not.toHaveProperty('acl')
    expect(headers.get('etag')).toBe(json['etag'])
    expect((await call('GET', String(json['mediaLink']))).text).toBe('hello world')
    expect((await call('GET', String(json['selfLink']))).json).toEqual(json)
    const full = await call('GET', path('d/é #?.txt'), {
      query: { projection: 'full', fields: 'acl(entity,role),size' },
    })
    expect(full.json).toMatchObject({
      size: '11',
      acl: expect.arrayContaining([{ entity: expect.anything(), role: 'OWNER' }]),
    })
    expect(full.json).not.toHaveProperty('name')
  })

  it('are read in ranges', async () => {
    await put('a', '0123456789')
    const read = async (range: string) => {
      const { status, text, headers } = await call('GET', path('a'), { query: { alt: 'media' }, headers: { range } })
      return [status, text, headers.get('content-range')]
    }
    expect(await read('bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10'])
    expect(await read('bytes=7-')).toEqual([206, '789', 'bytes 7-9/10'])
    expect(await read('bytes=-3')).toEqual([206, '789', 'bytes 7-9/10'])
    expect(await read('bytes=5-500')).toEqual([206, '56789', 'bytes 5-9/10'])
    expect(await read('bytes=10-')).toEqual([416, 'Request range not satisfiable', 'bytes */10'])
    expect(await read('bytes=4-2')).toEqual([200, '0123456789', null])
    const whole = await call('GET', path('a'), { query: { alt: 'media' } })
    expect(whole.headers.get('x-goog-hash')).toBe('crc32c=KAwGng==,md5=eB5eJF1ptWaXm4bijSPyxw==')
    expect(whole.headers.get('content-length')).toBe('10')
  })

  it('that are gzip are inflated for those who do not take gzip', async () => {
    const packed = gzipSync('text '.repeat(100))
    await put('z', packed, { query: { contentEncoding: 'gzip' } })
    const media = { query: { alt: 'media' } }
    const inflated = await call('GET', path('z'), { ...media, headers: { range: 'bytes=0-3' } })
    expect([inflated.status, inflated.text]).toEqual([200, 'text '.repeat(100)])
    expect(inflated.headers.get('content-encoding')).toBeNull()
    expect(inflated.headers.get('content-length')).toBeNull()
    expect(inflated.headers.get('x-goog-stored-content-encoding')).toBe('gzip')
    const stored = await call('GET', path('z'), { ...media, headers: { 'accept-encoding': 'gzip' } })
    expect(stored.headers.get('content-encoding')).toBe('gzip')
    expect(stored.headers.get('content-length')).toBe(String(packed.length))
  })

  it('are listed by prefix, delimiter and page, in the order of their bytes', async () => {
    for (const name of ['b', 'a/1', 'a/2', 'a/', 'a/b/c', 'é', 'Z']) await put(name)
    expect(namesOf(await list())).toEqual(['Z', 'a/', 'a/1', 'a/2', 'a/b/c', 'b', 'é'])
    const top = await list({ delimiter: '/' })
    expect([namesOf(top), top.json['prefixes']]).toEqual([['Z', 'b', 'é'], ['a/']])
    const trailing = await list({ delimiter: '/', includeTrailingDelimiter: 'true' })
    expect(namesOf(trailing)).toEqual(['Z', 'a/', 'b', 'é'])
    const below = await list({ delimiter: '/', prefix: 'a/' })
    expect([namesOf(below), below.json['prefixes']]).toEqual([['a/', 'a/1', 'a/2'], ['a/b/']])
    expect(namesOf(await list({ startOffset: 'a/2', endOffset: 'é' }))).toEqual(['a/2', 'a/b/c', 'b'])
    const pages: unknown[] = []
    let pageToken = ''
    do {
      const page = await list({ delimiter: '/', maxResults: '1', pageToken })
      pages.push([...namesOf(page), page.json['prefixes'] ?? []].flat())
      pageToken = textOf(page, 'nextPageToken')
    } while (pageToken !== '')
    expect(pages).toEqual([['Z'], ['a/'], ['b'], ['é']])
    expect((await list({ fields: 'nextPageToken,items(name,size)', maxResults: '1' })).json).toEqual({
      items: [{ name: 'Z', size: '1' }],
      nextPageToken: expect.anything(),
    })
    expect(refusalOf(await list({ fields: 'items(name' }))).toBe('400 invalidParameter')
    expect(refusalOf(await list({ maxResults: 'many' }))).toBe('400 invalidParameter')
    expect(refusalOf(await list({ matchGlob: '*' }))).toBe('501 notImplemented')
    expect(refusalOf(await call('GET', '/storage/v1/b/none/o'))).toBe('404 notFound')
  })

  it('are changed by patch, replaced by update, and their metageneration grows', async () => {
    await put('a')
    const first = await call('PATCH', path('a'), { json: { contentType: 'x/y', metadata: { one: '1', two: '2' } } })
    expect(first.json).toMatchObject({ metageneration: '2', contentType: 'x/y', metadata: { one: '1', two: '2' } })
    const second = await call('PATCH', path('a'), { json: { metadata: { one: null, three: '3' } } })
    expect(second.json['metadata']).toEqual({ two: '2', three: '3' })
    const third = await call('PUT', path('a'), { json: { metadata: { four: '4' } } })
    expect(third.json).toMatchObject({
      metageneration: '4',
      metadata: { four: '4' },
      size: '1',
      storageClass: 'STANDARD',
    })
    expect(third.json).not.toHaveProperty('contentType')
    expect(refusalOf(await call('PATCH', path('a'), { json: { metadata: { five: 5 } } }))).toBe('400 invalid')
    const large = { metadata: { large: 'x'.repeat(8192) } }
    expect(refusalOf(await call('PATCH', path('a'), { json: large }))).toBe('400 invalid')
  })

  it('are kept from those whose preconditions do not hold', async () => {
    const { json } = await put('a')
    const generation = String(json['generation'])
    const get = async (query: Record<string, string>, headers: Record<string, string> = {}) =>
      refusalOf(await call('GET', path('a'), { query, headers }))
    expect(await get({ ifGenerationMatch: generation, ifMetagenerationMatch: '1' })).toBe('200')
    expect(await get({ ifGenerationMatch: '1' })).toBe('412 conditionNotMet')
    expect(await get({ ifMetagenerationMatch: '7' })).toBe('412 conditionNotMet')
    expect(await get({ ifGenerationNotMatch: generation })).toBe('304')
    expect(await get({}, { 'if-match': 'other' })).toBe('412 conditionNotMet')
    expect(await get({}, { 'if-none-match': String(json['etag']) })).toBe('304')
    expect(await get({ generation })).toBe('200')
    expect(await get({ generation: '1' })).toBe('404 notFound')
    const write = async (query: Record<string, string>) => refusalOf(await put('a', 'new', { query }))
    expect(await write({ ifGenerationMatch: '0' })).toBe('412 conditionNotMet')
    expect(await write({ ifGenerationMatch: generation })).toBe('200')
    expect(await write({ ifGenerationMatch: generation })).toBe('412 conditionNotMet')
    expect(refusalOf(await call('DELETE', path('a'), { query: { ifGenerationMatch: generation } }))).toBe(
      '412 conditionNotMet',
    )
    expect(refusalOf(await put('b', 'x', { query: { ifGenerationMatch: '0' } }))).toBe('200')
    expect(storage.find('one', 'a')?.content.size).toBe(3)
  })

  it('keep their older versions where the bucket says so', async () => {
    storage.addBucket({ name: 'one', versioning: { enabled: true } })
    const generations = [await put('a', '1'), await put('a', '22')].map(({ json }) => String(json['generation']))
    await call('DELETE', path('a'))
    expect(refusalOf(await call('GET', path('a')))).toBe('404 notFound')
    const older = await call('GET', path('a'), { query: { generation: generations[0] ?? '', alt: 'media' } })
    expect(older.text).toBe('1')
    expect(namesOf(await list())).toEqual([])
    const { json } = await list({ versions: 'true' })
    expect(json['items']).toMatchObject(
      generations.map((generation) => ({ generation, timeDeleted: expect.anything() })),
    )
  })

  it('that are not there are refused in the words of the service', async () => {
    expect((await call('GET', path('x'))).json).toEqual({
      error: {
        code: 404,
        message: 'No such object: one/x',
        errors: [{ message: 'No such object: one/x', domain: 'global', reason: 'notFound' }],
      },
    })
    const media = await call('GET', path('x'), { query: { alt: 'media' } })
    expect([media.status, media.text]).toEqual([404, 'No such object: one/x'])
    expect(refusalOf(await call('DELETE', path('x')))).toBe('404 notFound')
    expect(refusalOf(await call('GET', '/storage/v1/b/one/o/a/b'))).toBe('404 notFound')
  })

  it('are held until the hold is removed', async () => {
    await put('a')
    await call('PATCH', path('a'), { json: { temporaryHold: true } })
    expect(refusalOf(await call('DELETE', path('a')))).toBe('403 forbidden')
    expect(refusalOf(await put('a'))).toBe('403 forbidden')
    await call('PATCH', path('a'), { json: { temporaryHold: false } })
    expect((await call('DELETE', path('a'))).status).toBe(204)
  })

  it('fail as often as they are told to, and every request is counted', async () => {
    await put('a')
    storage.forget()
    storage.throttle('objects.get', { status: 429, retryAfter: '2' }, { status: 503 })
    const replies = [await call('GET', path('a')), await call('GET', path('a')), await call('GET', path('a'))]
    expect(replies.map(refusalOf)).toEqual(['429 rateLimitExceeded', '503 backendError', '200'])
    expect(replies[0]?.headers.get('retry-after')).toBe('2')
    expect([storage.count('objects.get'), storage.count('objects.list')]).toEqual([3, 0])
    expect(storage.requests.map(({ status }) => status)).toEqual([429, 503, 200])
  })
})
