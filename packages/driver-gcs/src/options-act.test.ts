import { gzipSync } from 'node:zlib'
import { collectBytes, type DriverWith, parsePath, requireMethods, type StoragePath, streamBytes } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectTo } from './testing/gcs-harness.ts'
import { type SimulatedService, startSimulatedService } from './testing/simulated-service.ts'

let service: SimulatedService
beforeAll(async () => {
  service = await startSimulatedService()
  service.storage.addBucket({ name: 'plain' })
  service.storage.addBucket({
    name: 'uniform',
    iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
  })
  service.storage.addBucket(
    { name: 'paid', billing: { requesterPays: true } },
    { project: '999', bindings: [{ role: 'roles/storage.objectAdmin', members: ['allAuthenticatedUsers'] }] },
  )
})
beforeEach(() => service.storage.forget())
afterAll(() => service.close())

type Full = DriverWith<'write' | 'copy' | 'remove' | 'setModified' | 'hash' | 'revisions'>

const connect = async (options: Readonly<Record<string, unknown>> = {}): Promise<Full> =>
  requireMethods(
    await connectTo({ ...service.options, endpoint: service.endpoint, ...options }, { retries: { attempts: 1 } }),
    'write',
    'copy',
    'remove',
    'setModified',
    'hash',
    'revisions',
  )

const text = (content: string): ReadableStream<Uint8Array> => streamBytes(Buffer.from(content))
const put = (driver: Full, path: StoragePath, content = 'content') => driver.write(path, { body: text(content) })
const read = async (driver: Full, path: StoragePath): Promise<string> =>
  Buffer.from(await collectBytes((await driver.read(path)).body)).toString()

/** What a parameter was in each request of a call. */
const told = (call: string, parameter: string): (string | null)[] =>
  service.storage.requests
    .filter((request) => request.call === call)
    .map(({ target }) => new URLSearchParams(target.split('?')[1]).get(parameter))

const scope = 'https://www.googleapis.com/auth/devstorage.full_control'

/** What another client sees. */
async function resourceAt(path: string): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${service.tokens.issue('robot@example.com', [scope])}` }
  const response = await fetch(`${service.endpoint}/storage/v1/b/${path}`, { headers })
  return JSON.parse(await response.text())
}

/** Puts an object there as another client would, with what is said of it. */
async function putAs(path: string, said: object, bytes: Uint8Array): Promise<void> {
  const [bucket, ...key] = path.split('/')
  const metadata = JSON.stringify({ name: key.join('/'), ...said })
  const body = Buffer.concat([
    Buffer.from(`--x\r\ncontent-type: application/json\r\n\r\n${metadata}\r\n--x\r\ncontent-type: text/plain\r\n\r\n`),
    bytes,
    Buffer.from('\r\n--x--'),
  ])
  const response = await fetch(`${service.endpoint}/upload/storage/v1/b/${bucket}/o?uploadType=multipart`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${service.tokens.issue('robot@example.com', [scope])}`,
      'content-type': 'multipart/related; boundary=x',
    },
    body,
  })
  expect(response.status).toBe(200)
  await response.arrayBuffer()
}

describe('access lists', () => {
  it('of objects are private unless something else is wanted, on uploads of both kinds and on copies', async () => {
    const [usual, open] = [await connect(), await connect({ object_acl: 'publicRead' })]
    for (const driver of [usual, open]) {
      await put(driver, parsePath('plain/acl'))
      await driver.write(parsePath('plain/long'), { body: streamBytes(new Uint8Array(8_388_609)) })
      await driver.copy(parsePath('plain/acl'), { destination: parsePath('plain/copy'), overwrite: true })
    }
    const inserted = service.storage.requests.filter(
      ({ method, target }) => method === 'POST' && target.startsWith('/upload'),
    )
    const acls = inserted.map(({ target }) => new URLSearchParams(target.split('?')[1]).get('predefinedAcl'))
    expect(acls).toEqual(['private', 'private', 'publicRead', 'publicRead'])
    expect(told('objects.rewrite', 'destinationPredefinedAcl')).toEqual(['private', 'publicRead'])
  })

  it('are not set with bucket_policy_only, which buckets with uniform access want', async () => {
    await expect(put(await connect(), parsePath('uniform/file'))).rejects.toThrow('Set bucket_policy_only')
    const driver = await connect({ bucket_policy_only: true })
    await put(driver, parsePath('uniform/file'))
    await driver.copy(parsePath('uniform/file'), { destination: parsePath('uniform/copy') })
    await driver.setModified(parsePath('uniform/file'), { modified: 1000 })
    expect(await read(driver, parsePath('uniform/copy'))).toBe('content')
  })
})

describe('new buckets', () => {
  it('are made where, how and for whom the options say', async () => {
    const driver = await connect({ location: 'europe-west1', storage_class: 'NEARLINE', bucket_acl: 'projectPrivate' })
    await put(driver, parsePath('made-one/file'))
    expect(await resourceAt('made-one')).toMatchObject({ location: 'EUROPE-WEST1', storageClass: 'NEARLINE' })
    expect(told('buckets.insert', 'predefinedAcl')).toEqual(['projectPrivate'])
    await put(await connect({ bucket_policy_only: true }), parsePath('made-two/file'))
    expect(await resourceAt('made-two')).toMatchObject({
      iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
    })
    expect(told('buckets.insert', 'predefinedAcl')).toEqual(['projectPrivate', null])
    await put(await connect(), parsePath('made-three/file'))
    expect(told('buckets.insert', 'predefinedAcl').at(-1)).toBe('private')
  })

  it('are looked for once, and not at all with no_check_bucket', async () => {
    const driver = await connect()
    for (const name of ['a', 'b', 'c']) await put(driver, parsePath(`plain/${name}`))
    expect(service.storage.count('objects.list')).toBe(1)
    service.storage.forget()
    const trusting = await connect({ no_check_bucket: true })
    await put(trusting, parsePath('plain/a'))
    expect(service.storage.count('objects.list')).toBe(0)
    await expect(put(trusting, parsePath('never-made/a'))).rejects.toMatchObject({
      code: 'NotFound',
      message: "There is no bucket 'never-made'.",
    })
  })

  it('need a project', async () => {
    const key = await service.tokens.addServiceAccount('without')
    const { project_id: _project, ...bare } = key
    const driver = await connect({ service_account_credentials: bare, project_number: '' })
    await expect(put(driver, parsePath('never-made/a'))).rejects.toThrow(/no bucket 'never-made'.*project_number/)
    await expect(driver.list(parsePath(''))).rejects.toThrow('project_number')
    expect(await put(driver, parsePath('plain/a'))).toMatchObject({ kind: 'file' })
  })
})

describe('the storage class', () => {
  it('is that of new objects and of copies, which keep all else', async () => {
    const said = {
      contentType: 'text/x-one',
      cacheControl: 'no-store',
      contentLanguage: 'de',
      metadata: { own: 'kept' },
    }
    await putAs('plain/classed', said, Buffer.from('bytes'))
    const driver = await connect({ storage_class: 'COLDLINE' })
    await put(driver, parsePath('plain/cold'))
    await driver.copy(parsePath('plain/classed'), { destination: parsePath('plain/classed-copy') })
    expect(await resourceAt('plain/o/cold')).toMatchObject({ storageClass: 'COLDLINE' })
    expect(await resourceAt('plain/o/classed-copy')).toMatchObject({ ...said, storageClass: 'COLDLINE' })
  })
})

describe('the project that pays', () => {
  it('is named in every request', async () => {
    const driver = await connect({ user_project: 'filegate-test' })
    const path = parsePath('paid/file')
    await put(driver, path)
    await driver.write(parsePath('paid/long'), { body: streamBytes(new Uint8Array(8_388_609)) })
    await driver.copy(path, { destination: parsePath('paid/copy') })
    await driver.setModified(path, { modified: 5000 })
    expect(await read(driver, path)).toBe('content')
    await driver.list(parsePath('paid'))
    await driver.hash(path, { algorithm: 'crc32c' })
    await driver.revisions(path)
    await driver.remove(path)
    const without = service.storage.requests.filter(
      ({ target }) => !target.includes('userProject=filegate-test') && !target.includes('upload_id='),
    )
    expect(without.map(({ target }) => target)).toEqual([])
    expect(service.storage.requests.length).toBeGreaterThan(10)
  })

  it('is asked for where it is missing', async () => {
    const driver = await connect()
    await expect(driver.list(parsePath('paid'))).rejects.toThrow('Set user_project')
    await expect(driver.read(parsePath('paid/file'))).rejects.toThrow('Set user_project')
  })
})

describe('what is stored with gzip', () => {
  const content = 'a text that is long enough to be compressed '.repeat(500)
  const packed = gzipSync(content)
  const path = parsePath('plain/packed.txt')
  beforeAll(() => putAs('plain/packed.txt', { contentType: 'text/plain', contentEncoding: 'gzip' }, packed))

  it('is shown as it is stored, whole and in ranges', async () => {
    const driver = await connect()
    expect(await driver.stat(path)).toMatchObject({ size: packed.length, hashes: { md5: expect.any(String) } })
    expect(Buffer.compare(await collectBytes((await driver.read(path)).body), packed)).toBe(0)
    const part = await driver.read(path, { range: { start: 3, end: 20 } })
    expect(Buffer.compare(await collectBytes(part.body), packed.subarray(3, 20))).toBe(0)
  })

  it('is shown as what is in it with decompress, without a size or digests', async () => {
    const driver = await connect({ decompress: true })
    const entry = await driver.stat(path)
    expect([entry.kind, 'size' in entry, 'hashes' in entry]).toEqual(['file', false, false])
    expect(await read(driver, path)).toBe(content)
    for (const range of [{ start: 100, end: 200 }, { suffix: 10 }]) {
      const part = await driver.read(path, { range })
      const start = 'start' in range ? range.start : content.length - range.suffix
      expect(Buffer.from(await collectBytes(part.body)).toString()).toBe(
        content.slice(start, 'start' in range ? 200 : undefined),
      )
      expect(part.range?.start).toBe(start)
    }
    await expect(driver.hash(path, { algorithm: 'md5' })).rejects.toMatchObject({ code: 'Unsupported' })
    await put(driver, parsePath('plain/not-packed'))
    expect(await driver.stat(parsePath('plain/not-packed'))).toMatchObject({ size: 7 })
  })
})

describe('times', () => {
  it('are kept in both places, and found in either', async () => {
    const driver = await connect()
    const path = parsePath('plain/timed')
    await driver.write(path, { body: text('x'), modified: 1_600_000_000_123.5 })
    expect(await resourceAt('plain/o/timed')).toMatchObject({
      metadata: { mtime: '2020-09-13T12:26:40.1235Z', 'goog-reserved-file-mtime': '1600000000' },
    })
    await putAs('plain/by-gsutil', { metadata: { 'goog-reserved-file-mtime': '1500000000' } }, Buffer.from('x'))
    expect((await driver.stat(parsePath('plain/by-gsutil'))).modified).toBe(1_500_000_000_000)
    const { items } = await driver.list(parsePath('plain'))
    expect(items.find(({ name }) => name === 'timed')?.modified).toBe(1_600_000_000_123.5)
  })

  it('change without what else is known of the object', async () => {
    const said = { contentType: 'text/x-one', contentDisposition: 'inline', metadata: { own: 'kept' } }
    await putAs('plain/retimed', { ...said, storageClass: 'NEARLINE' }, Buffer.from('bytes'))
    const driver = await connect()
    const entry = await driver.setModified(parsePath('plain/retimed'), { modified: 1000 })
    expect(entry.modified).toBe(1000)
    expect(await resourceAt('plain/o/retimed')).toMatchObject({
      ...said,
      storageClass: 'NEARLINE',
      metadata: { own: 'kept', mtime: '1970-01-01T00:00:01Z', 'goog-reserved-file-mtime': '1' },
    })
    expect(told('objects.rewrite', 'ifGenerationMatch')[0]).toMatch(/^\d+$/)
  })
})

describe('reading', () => {
  it('asks for bytes and metadata once each, at the same time', async () => {
    const driver = await connect()
    await put(driver, parsePath('plain/once'))
    service.storage.forget()
    expect(await read(driver, parsePath('plain/once'))).toBe('content')
    expect(service.storage.requests).toHaveLength(2)
  })

  it('leaves conditions on etags to the vendor', async () => {
    const driver = await connect()
    const { etag = '' } = await put(driver, parsePath('plain/conditional'))
    service.storage.forget()
    const unchanged = driver.read(parsePath('plain/conditional'), { conditions: { ifNoneMatch: [etag] } })
    await expect(unchanged).rejects.toMatchObject({ code: 'NotModified' })
    const media = service.storage.requests.find(({ target }) => target.includes('alt=media'))
    expect(media).toMatchObject({
      status: 304,
      target: expect.stringContaining(`ifGenerationNotMatch=${etag.replaceAll('"', '')}`),
    })
  })

  it('finds no version of another object, nor what is no version', async () => {
    const driver = await connect()
    await put(driver, parsePath('plain/versioned'))
    for (const version of ['5', 'x', '']) {
      await expect(driver.read(parsePath('plain/versioned'), { version })).rejects.toMatchObject({ code: 'NotFound' })
    }
  })
})
