import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type GoogleCloudStorage, startGoogleCloudStorage } from './start-google-cloud-storage.ts'
import { refusalOf, type Sent, testingClient } from './testing-client.ts'

const mebibyte = 1_048_576

describe('copies in the storage simulator', () => {
  let storage: GoogleCloudStorage
  let call: ReturnType<typeof testingClient>

  beforeEach(async () => {
    storage = await startGoogleCloudStorage()
    call = testingClient(storage.endpoint)
    storage.addBucket({ name: 'one' })
    storage.addBucket({ name: 'far', location: 'EU', storageClass: 'NEARLINE' })
  })
  afterEach(() => storage.close())

  const put = (name: string, body: string | Uint8Array, sent: Sent = {}) =>
    call('POST', '/upload/storage/v1/b/one/o', { ...sent, query: { uploadType: 'media', name, ...sent.query }, body })
  const rewrite = (target: string, sent: Sent = {}, source = 'a') =>
    call('POST', `/storage/v1/b/one/o/${source}/rewriteTo/b/${target}`, sent)
  const text = (bucket: string, name: string): string =>
    Buffer.concat(storage.find(bucket, name)?.content.pieces ?? []).toString()

  it('take the metadata along, and the storage class from where they go', async () => {
    await put('a', 'content', { headers: { 'content-type': 'x/y' } })
    await call('PATCH', '/storage/v1/b/one/o/a', { json: { metadata: { k: 'v' } } })
    const { json } = await call('POST', '/storage/v1/b/one/o/a/copyTo/b/far/o/d%2Fb')
    expect(json).toMatchObject({
      name: 'd/b',
      bucket: 'far',
      contentType: 'x/y',
      metadata: { k: 'v' },
      storageClass: 'NEARLINE',
      metageneration: '1',
    })
    expect(text('far', 'd/b')).toBe('content')
  })

  it('have the metadata that the request describes instead', async () => {
    await put('a', 'content', { headers: { 'content-type': 'x/y' } })
    const json = {
      contentType: 'a/b',
      metadata: { other: '1' },
      storageClass: 'COLDLINE',
      id: 'ignored',
      generation: '5',
    }
    const copied = await call('POST', '/storage/v1/b/one/o/a/copyTo/b/one/o/b', { json })
    expect(copied.json).toMatchObject({ contentType: 'a/b', metadata: { other: '1' }, storageClass: 'COLDLINE' })
    const onItself = await call('POST', '/storage/v1/b/one/o/a/copyTo/b/one/o/a', { json: { metadata: { new: '2' } } })
    expect(onItself.json['metadata']).toEqual({ new: '2' })
    expect(text('one', 'a')).toBe('content')
  })

  it('between places take as many calls as the client limits them to', async () => {
    const content = randomBytes(3 * mebibyte - 5)
    await put('a', content)
    const query = { maxBytesRewrittenPerCall: String(mebibyte) }
    const first = await rewrite('far/o/b', { query, json: { contentType: 'x/y' } })
    expect(first.json).toMatchObject({
      done: false,
      totalBytesRewritten: String(mebibyte),
      objectSize: String(content.length),
    })
    expect(storage.find('far', 'b')).toBeUndefined()
    const token = String(first.json['rewriteToken'])
    const other = { query: { maxBytesRewrittenPerCall: String(2 * mebibyte), rewriteToken: token } }
    const second = await rewrite('far/o/b', { query: { ...query, rewriteToken: token } })
    expect(second.json).toMatchObject({ done: false, totalBytesRewritten: String(2 * mebibyte) })
    expect(refusalOf(await rewrite('far/o/b', { query: { ...query, rewriteToken: token } }))).toBe('400 invalid')
    expect(refusalOf(await rewrite('far/o/b', other))).toBe('400 invalid')
    // What was said once may be left out.
    const third = await rewrite('far/o/b', { query: { rewriteToken: String(second.json['rewriteToken']) }, json: {} })
    expect(third.json).toMatchObject({
      done: true,
      resource: { size: String(content.length), bucket: 'far', contentType: 'x/y' },
    })
    expect(storage.find('far', 'b')?.checksums).toEqual(storage.find('one', 'a')?.checksums)
  })

  it('within one place are done at once, whatever the limit', async () => {
    await put('a', randomBytes(2 * mebibyte))
    expect((await rewrite('one/o/b', { query: { maxBytesRewrittenPerCall: String(mebibyte) } })).json['done']).toBe(
      true,
    )
    const odd = await rewrite('one/o/b', { query: { maxBytesRewrittenPerCall: '1000' } })
    expect(refusalOf(odd)).toBe('400 invalidParameter')
  })

  it('are not gone on with for another description', async () => {
    await put('a', randomBytes(2 * mebibyte))
    const query = { maxBytesRewrittenPerCall: String(mebibyte) }
    const { json } = await rewrite('far/o/b', { query, json: { metadata: { k: '1' } } })
    const rewriteToken = String(json['rewriteToken'])
    expect(refusalOf(await rewrite('far/o/b', { query: { rewriteToken }, json: { metadata: { k: '2' } } }))).toBe(
      '400 invalid',
    )
  })

  it('begin anew when the source changed between two calls', async () => {
    await storage.close()
    storage = await startGoogleCloudStorage({ rewriteBytesPerCall: 10 })
    call = testingClient(storage.endpoint)
    storage.addBucket({ name: 'one' })
    await put('a', 'x'.repeat(15))
    const { json } = await rewrite('one/o/b')
    await put('a', 'y'.repeat(15))
    expect(refusalOf(await rewrite('one/o/b', { query: { rewriteToken: String(json['rewriteToken']) } }))).toBe(
      '400 invalid',
    )
  })

  it('check preconditions on both sides', async () => {
    const { json } = await put('a', 'content')
    await put('b', 'there')
    const refused = async (query: Record<string, string>) => refusalOf(await rewrite('one/o/b', { query }))
    expect(await refused({ ifGenerationMatch: '0' })).toBe('412 conditionNotMet')
    expect(await refused({ ifSourceGenerationMatch: '5' })).toBe('412 conditionNotMet')
    expect(await refused({ sourceGeneration: '5' })).toBe('404 notFound')
    expect(await refused({ ifSourceGenerationMatch: String(json['generation']) })).toBe('200')
    expect(refusalOf(await rewrite('none/o/b'))).toBe('404 notFound')
    expect(refusalOf(await rewrite('one/o/b', {}, 'none'))).toBe('404 notFound')
  })

  it('composed of several objects have a CRC32C and no MD5', async () => {
    await put('a', 'hello ')
    await put('b', 'world')
    const compose = (sourceObjects: readonly object[], destination: object = { contentType: 'x/y' }) =>
      call('POST', '/storage/v1/b/one/o/c/compose', { json: { sourceObjects, destination } })
    const { json } = await compose([{ name: 'a' }, { name: 'b' }])
    expect(json).toMatchObject({ size: '11', crc32c: 'yZRlqg==', componentCount: 2, contentType: 'x/y' })
    expect(json).not.toHaveProperty('md5Hash')
    expect(text('one', 'c')).toBe('hello world')
    expect((await compose([{ name: 'c' }, { name: 'b' }])).json['componentCount']).toBe(3)
    expect(refusalOf(await compose([]))).toBe('400 invalid')
    expect(refusalOf(await compose(Array.from({ length: 33 }, () => ({ name: 'a' }))))).toBe('400 invalid')
    expect(refusalOf(await compose([{ name: 'none' }]))).toBe('404 notFound')
    const wrong = { name: 'a', objectPreconditions: { ifGenerationMatch: '1' } }
    expect(refusalOf(await compose([wrong]))).toBe('412 conditionNotMet')
  })

  it('that are moves leave nothing behind', async () => {
    await put('a', 'content', { headers: { 'content-type': 'x/y' } })
    const { json } = await call('POST', '/storage/v1/b/one/o/a/moveTo/o/d%2Fb')
    expect(json).toMatchObject({ name: 'd/b', contentType: 'x/y' })
    expect([text('one', 'd/b'), storage.find('one', 'a')]).toEqual(['content', undefined])
  })

  it('of objects with a key of the customer need the key', async () => {
    const key = (source = '') => {
      const bytes = Buffer.alloc(32, 7)
      return {
        [`x-goog-${source}encryption-algorithm`]: 'AES256',
        [`x-goog-${source}encryption-key`]: bytes.toString('base64'),
        [`x-goog-${source}encryption-key-sha256`]: createHash('sha256').update(bytes).digest('base64'),
      }
    }
    await put('a', 'secret', { headers: key() })
    const shown = await call('GET', '/storage/v1/b/one/o/a')
    expect(shown.json).toMatchObject({ customerEncryption: { encryptionAlgorithm: 'AES256' } })
    expect(shown.json).not.toHaveProperty('crc32c')
    const media = { alt: 'media' }
    expect((await call('GET', '/storage/v1/b/one/o/a', { query: media })).status).toBe(400)
    expect((await call('GET', '/storage/v1/b/one/o/a', { query: media, headers: key() })).text).toBe('secret')
    expect(refusalOf(await rewrite('one/o/b'))).toBe('400 resourceIsEncryptedWithCustomerEncryptionKey')
    expect((await rewrite('one/o/b', { headers: key('copy-source-') })).json).toMatchObject({
      resource: { crc32c: expect.any(String) },
    })
    const bad = { ...key(), 'x-goog-encryption-key-sha256': 'x' }
    expect(refusalOf(await put('a', 'x', { headers: bad }))).toBe('400 customerEncryptionKeySha256IsInvalid')
  })
})
