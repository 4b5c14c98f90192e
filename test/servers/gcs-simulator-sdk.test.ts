import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
// The vendor's own client is a dependency of the driver alone, so it is found by its place.
import {
  type Bucket,
  Storage,
} from '../../packages/driver-gcs/node_modules/@google-cloud/storage/build/esm/src/index.js'
import { Compute, OAuth2Client } from '../../packages/google-login/node_modules/google-auth-library/build/src/index.js'
import { type GoogleCloudStorage, startGoogleCloudStorage } from '../simulators/gcs/start-google-cloud-storage.ts'
import { cloudPlatform, type GoogleTokens, startGoogleTokens } from '../simulators/google-token/start-google-tokens.ts'

const mebibyte = 1_048_576

describe("the simulators of Google, judged by the vendor's client", () => {
  let tokens: GoogleTokens
  let storage: GoogleCloudStorage
  let bucket: Bucket

  /**
   * Logs nobody in unless it is asked to: at an endpoint that is not the vendor's own, this client sends no token with the
   * resumable uploads of its streams, even with `useAuthWithCustomEndpoint`.
   */
  async function begin(options: Parameters<typeof startGoogleCloudStorage>[0] = {}): Promise<void> {
    await storage.close()
    storage = await startGoogleCloudStorage({ pageLimit: 3, ...options })
    bucket = client().bucket('bucket')
    await bucket.create({ location: 'EU' })
  }

  beforeEach(async () => {
    tokens = await startGoogleTokens()
    storage = await startGoogleCloudStorage()
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await storage.close()
    await tokens.close()
  })

  function client(token = tokens.issue('me@example.com', [cloudPlatform])) {
    const authClient = new OAuth2Client()
    authClient.setCredentials({ access_token: token })
    return new Storage({
      apiEndpoint: storage.endpoint,
      projectId: 'filegate-test',
      useAuthWithCustomEndpoint: true,
      authClient,
      retryOptions: { maxRetries: 3, retryDelayMultiplier: 1, maxRetryDelay: 1 },
    })
  }

  it('objects are written in every way, read whole and in ranges, and their checksums hold', async () => {
    await begin()
    const content = randomBytes(3 * mebibyte + 17)
    const writings = [{ resumable: false }, { resumable: true }, { resumable: true, chunkSize: mebibyte }] as const
    for (const [place, options] of writings.entries()) {
      const file = bucket.file(`d/é ${place}#?.bin`)
      await file.save(content, {
        ...options,
        contentType: 'x/y',
        validation: 'crc32c',
        metadata: { metadata: { k: 'v' } },
      })
      const [whole] = await file.download({ validation: 'md5' })
      expect(whole.equals(content)).toBe(true)
      const [part] = await file.download({ start: 1000, end: 2999, validation: false })
      expect(part.equals(content.subarray(1000, 3000))).toBe(true)
      const [metadata] = await file.getMetadata()
      expect(metadata).toMatchObject({ size: String(content.length), contentType: 'x/y', metadata: { k: 'v' } })
    }
    expect(storage.count('upload.continue')).toBe(1 + 4)
  })

  it('listings go on over all pages', async () => {
    await begin()
    for (const name of ['a/1', 'a/2', 'b/1', 'c', 'd', 'e', 'f'])
      await bucket.file(name).save(name, { resumable: false })
    const [files] = await bucket.getFiles()
    expect(files.map(({ name }) => name)).toEqual(['a/1', 'a/2', 'b/1', 'c', 'd', 'e', 'f'])
    expect(storage.count('objects.list')).toBe(3)
    const [top, , answer] = await bucket.getFiles({ delimiter: '/', autoPaginate: false })
    expect([top.map(({ name }) => name), answer]).toMatchObject([['c'], { prefixes: ['a/', 'b/'] }])
    const [buckets] = await client().getBuckets()
    expect(buckets.map(({ name }) => name)).toEqual(['bucket'])
  })

  it('copies are driven on until they are done', async () => {
    await begin({ rewriteBytesPerCall: mebibyte })
    const content = randomBytes(2 * mebibyte + 1)
    await bucket.file('a').save(content, { resumable: false, contentType: 'x/y' })
    const other = client().bucket('other')
    await other.create({ location: 'US' })
    const [copy] = await bucket.file('a').copy(other.file('b'))
    expect(storage.count('objects.rewrite')).toBe(3)
    expect((await copy.download())[0].equals(content)).toBe(true)
    expect((await copy.getMetadata())[0]).toMatchObject({ bucket: 'other', contentType: 'x/y' })
  })

  it('objects are changed, moved, composed and deleted', async () => {
    await begin()
    const file = bucket.file('a')
    await file.save('hello ', { resumable: false, gzip: false })
    await file.setMetadata({ cacheControl: 'no-cache', metadata: { one: '1' } })
    await bucket.file('b').save('world', { resumable: false })
    const [composed] = await bucket.combine(['a', 'b'], 'c')
    expect(String((await composed.download())[0])).toBe('hello world')
    await file.move('moved')
    expect(await file.exists()).toEqual([false])
    expect((await bucket.file('moved').getMetadata())[0]).toMatchObject({
      cacheControl: 'no-cache',
      metadata: { one: '1' },
    })
    await expect(file.delete()).rejects.toMatchObject({ code: 404, errors: [{ reason: 'notFound' }] })
    await bucket.deleteFiles()
    await bucket.delete()
    await expect(bucket.getMetadata()).rejects.toMatchObject({ code: 404 })
  })

  it('preconditions hold, or are told', async () => {
    await begin()
    const file = bucket.file('a')
    await file.save('1', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } })
    const again = file.save('2', { resumable: true, preconditionOpts: { ifGenerationMatch: 0 } })
    await expect(again).rejects.toMatchObject({ code: 412 })
    expect(String((await file.download())[0])).toBe('1')
  })

  it('gzip is inflated on the way, or handed out as it is', async () => {
    await begin()
    await bucket.file('z').save('text '.repeat(1000), { resumable: false, gzip: true })
    expect(String((await bucket.file('z').download())[0])).toBe('text '.repeat(1000))
    const raw = bucket.file('z').createReadStream({ decompress: false })
    expect((await raw.toArray()).length).toBeGreaterThan(0)
    expect(storage.find('bucket', 'z')?.content.size).toBeLessThan(500)
  })

  it('public objects are read without a login, and wrong tokens are refused', async () => {
    await begin({ findAccount: tokens.findAccount })
    await bucket.file('open').save('x', { resumable: false, predefinedAcl: 'publicRead' })
    await bucket.file('closed').save('x', { resumable: false })
    const anonymous = new Storage({ apiEndpoint: storage.endpoint, projectId: 'filegate-test' }).bucket('bucket')
    expect(await text(anonymous.file('open').createReadStream())).toBe('x')
    await expect(anonymous.file('closed').download()).rejects.toMatchObject({ code: 401 })
    await expect(client('wrong').bucket('bucket').getFiles()).rejects.toMatchObject({ code: 401 })
  })

  it('what fails for the moment is asked for again', async () => {
    await begin()
    const content = randomBytes(mebibyte)
    storage.throttle('upload.continue', { status: 503 })
    storage.throttle('objects.get', { status: 503 })
    const file = bucket.file('a')
    // Only what is safe to do twice is done twice.
    await file.save(content, { resumable: true, chunkSize: mebibyte / 2, preconditionOpts: { ifGenerationMatch: 0 } })
    expect((await file.getMetadata())[0].size).toBe(String(content.length))
    expect(storage.requests.filter(({ status }) => status === 503)).toHaveLength(2)
  })

  it('the metadata server gives tokens to the library of logins', async () => {
    tokens.attach('robot@example.com')
    vi.stubEnv('GCE_METADATA_HOST', new URL(tokens.endpoint).host)
    const { token } = await new Compute().getAccessToken()
    expect(tokens.findAccount(token ?? '')).toMatchObject({ email: 'robot@example.com' })
  })

  it('refresh tokens are taken from the library of logins', async () => {
    const user = tokens.addUser('me@example.com', [cloudPlatform])
    const login = new OAuth2Client({
      clientId: user.clientId,
      clientSecret: user.clientSecret,
      endpoints: { oauth2TokenUrl: tokens.tokenUri },
    })
    login.setCredentials({ refresh_token: user.refreshToken })
    const { token } = await login.getAccessToken()
    expect(tokens.findAccount(token ?? '')).toMatchObject({ email: 'me@example.com' })
  })
})
