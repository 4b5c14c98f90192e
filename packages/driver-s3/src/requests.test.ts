import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { Agent as HttpAgent, createServer } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collectBytes, openDriver, parsePath, requireMethods, streamBytes } from '@filegate/core'
import { startFauxqs } from 'fauxqs'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import definition from './index.ts'
import { faultyProxy, type FaultyProxy } from './testing/faulty-proxy.ts'
import { connectTo } from './testing/s3-harness.ts'

describe('what the options put into requests', () => {
  let proxy: FaultyProxy
  let server: Awaited<ReturnType<typeof startFauxqs>>
  let buckets = 0

  beforeAll(async () => {
    server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
    proxy = await faultyProxy(server.port)
  })
  afterEach(() => vi.unstubAllEnvs())
  afterAll(async () => {
    await proxy.close()
    await server.stop()
  })

  const path = parsePath('folder/file.txt')
  const body = () => streamBytes(new TextEncoder().encode('some text'))

  /** Everything that goes over the wire while a file is written, looked at, listed, read and copied. */
  async function traffic(options: Readonly<Record<string, unknown>>, fileBucket = `bucket-${++buckets}`) {
    server.createBucket(fileBucket)
    const endpoint = `http://127.0.0.1:${proxy.port}/${fileBucket}`
    const service = { endpoint, key: 'key', secret: 'secret' }
    const driver = requireMethods(await connectTo(service, { provider: 'Minio', ...options }), 'write', 'copy')
    const from = proxy.seen.length
    await driver.write(path, { body: body(), size: 9, contentType: 'text/x-test', modified: 1_600_000_000_000 })
    await driver.stat(path)
    await driver.list(parsePath('folder'))
    await collectBytes((await driver.read(path)).body)
    await driver.copy(path, { destination: parsePath('copy.txt') })
    const seen = proxy.seen.slice(from)
    await driver.close?.()
    const of = (method: string, isListing = false) =>
      seen.filter((request) => request.method === method && request.url.includes('prefix=') === isListing)
    const [put, copy] = of('PUT')
    return { seen, put, copy, head: of('HEAD'), get: of('GET').at(0), list: of('GET', true) }
  }

  it('whoever reads pays, on every request', async () => {
    const { seen } = await traffic({ requester_pays: true })
    expect(new Set(seen.map(({ headers }) => headers['x-amz-request-payer']))).toEqual(new Set(['requester']))
    const plain = await traffic({})
    expect(plain.seen.some(({ headers }) => 'x-amz-request-payer' in headers)).toBe(false)
  })

  it('storage class, access list and encryption go with uploads and copies', async () => {
    const encryption = { server_side_encryption: 'aws:kms', sse_kms_key_id: 'arn:key' }
    const { put, copy } = await traffic({ storage_class: 'GLACIER', acl: 'public-read', ...encryption })
    for (const request of [put, copy]) {
      expect(request?.headers).toMatchObject({
        'x-amz-storage-class': 'GLACIER',
        'x-amz-acl': 'public-read',
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': 'arn:key',
      })
    }
    // Under such a key the etag is no digest, so the digest is kept beside the object.
    expect(put?.headers['x-amz-meta-md5chksum']).toMatch(/^[A-Za-z0-9+/]{22}==$/)
  })

  it('a key of the user goes with everything that touches the object', async () => {
    const { put, copy, get, head } = await traffic({ sse_customer_key: 'k'.repeat(32) })
    const key = { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }
    for (const request of [put, copy, get, ...head.slice(0, 1)]) expect(request?.headers).toMatchObject(key)
    expect(copy?.headers).toMatchObject({ 'x-amz-copy-source-server-side-encryption-customer-algorithm': 'AES256' })
  })

  it('compressed downloads are asked for, unless that hurts', async () => {
    expect((await traffic({})).get?.headers['accept-encoding']).toBe('gzip')
    expect((await traffic({ use_accept_encoding_gzip: false })).get?.headers).not.toHaveProperty('accept-encoding')
    expect((await traffic({ provider: 'GCS', force_path_style: true }, 'gcs')).get?.url).not.toContain('x-id')
  })

  it('the time is kept as decimal seconds, the content type unless it is not wanted', async () => {
    const { put } = await traffic({})
    expect(put?.headers).toMatchObject({ 'x-amz-meta-mtime': '1600000000', 'content-type': 'text/x-test' })
    expect((await traffic({ no_system_metadata: true })).put?.headers['content-type']).not.toBe('text/x-test')
  })

  it('listings are asked for in the version, the size and the form that were set', async () => {
    const { list } = await traffic({ list_chunk: 7, list_version: 1, list_url_encode: true })
    expect(list[0]?.url).toMatch(/max-keys=7/)
    expect(list[0]?.url).toMatch(/encoding-type=url/)
    expect(list[0]?.url).not.toMatch(/list-type=2/)
    const plain = await traffic({ list_version: 2, list_url_encode: false })
    expect(plain.list[0]?.url).toMatch(/list-type=2/)
    expect(plain.list[0]?.url).not.toMatch(/encoding-type/)
  })

  it('an object is not looked at again, or never with HEAD', async () => {
    const usual = (await traffic({})).head.length
    expect((await traffic({ no_head: true })).head).toHaveLength(usual - 1)
    expect((await traffic({ no_head_object: true })).head).toHaveLength(0)
  })

  it('bodies are left out of signatures, or signed', async () => {
    expect((await traffic({})).put?.headers['x-amz-content-sha256']).toBe('UNSIGNED-PAYLOAD')
    expect((await traffic({ use_unsigned_payload: false })).put?.headers['x-amz-content-sha256']).toMatch(
      /^[0-9a-f]{64}$/,
    )
    const old = await traffic({ v2_auth: true })
    expect(old.put?.headers.authorization).toMatch(/^AWS key:/)
    const presigned = await traffic({ use_presigned_request: true })
    expect(presigned.put?.url).toMatch(/X-Amz-Expires=900/)
    expect(presigned.put?.headers).toMatchObject({ 'x-amz-meta-mtime': '1600000000' })
    expect(presigned.put?.headers).not.toHaveProperty('authorization')
  })

  it('a missing bucket is made on the first write, with its access list and place, unless that is off', async () => {
    const service = { endpoint: `http://127.0.0.1:${proxy.port}`, key: 'key', secret: 'secret' }
    const options = { provider: 'Minio', bucket_acl: 'public-read', location_constraint: 'eu-west-9' }
    const driver = requireMethods(await connectTo(service, options), 'write')
    const from = proxy.seen.length
    await driver.write(parsePath('made-here/a.txt'), { body: body() })
    await driver.write(parsePath('made-here/b.txt'), { body: body() })
    const made = proxy.seen.slice(from).filter(({ url }) => /^\/made-here\/?(?:\?|$)/.test(url))
    expect(made.map(({ method }) => method)).toEqual(['HEAD', 'PUT'])
    expect(made[1]?.headers).toMatchObject({ 'x-amz-acl': 'public-read' })
    const trusting = requireMethods(await connectTo(service, { ...options, no_check_bucket: true }), 'write')
    const writing = trusting.write(parsePath('not-here/a.txt'), { body: body() })
    await expect(writing).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('the key comes from a profile of the shared file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'filegate-s3-'))
    const file = join(folder, 'credentials')
    // Neither the user's own file nor the service of the machine that this runs on has a say.
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    for (const name of ['RELATIVE', 'FULL']) vi.stubEnv(`AWS_CONTAINER_CREDENTIALS_${name}_URI`, undefined)
    await writeFile(file, '[work]\naws_access_key_id = FROMFILE\naws_secret_access_key = secret\n')
    const service = { endpoint: `http://127.0.0.1:${proxy.port}`, key: '', secret: '' }
    const options = { provider: 'Minio', env_auth: true, shared_credentials_file: file, profile: 'work' }
    await connectTo(service, options)
    expect(proxy.seen.at(-1)?.headers.authorization).toContain('Credential=FROMFILE/')
    const unknown = connectTo(service, { ...options, profile: 'nobody' })
    await expect(unknown).rejects.toMatchObject({ code: 'Unauthenticated' })
    const ran = join(folder, 'ran')
    await writeFile(file, `[work]\ncredential_process = touch ${ran}\n`)
    await expect(connectTo(service, options)).rejects.toThrow('credential_process')
    await expect(access(ran)).rejects.toThrow('ENOENT')
    await rm(folder, { recursive: true })
  })

  it.each([
    [{ use_dual_stack: true, region: 'eu-west-1' }, 'photos.s3.dualstack.eu-west-1.amazonaws.com'],
    [{ use_accelerate_endpoint: true }, 'photos.s3-accelerate.amazonaws.com'],
    [{ region: 'eu-west-1', force_path_style: true }, 'photos.s3.eu-west-1.amazonaws.com'],
  ])('%j asks Amazon at the right host', async (options, host) => {
    const hosts: string[] = []
    const lookup: NonNullable<ConstructorParameters<typeof HttpAgent>[0]>['lookup'] = (name, _options, found) => {
      hosts.push(name)
      found(Object.assign(new Error('nobody there'), { code: 'ENOTFOUND' }), '', 4)
    }
    const agents = { http: new HttpAgent({ lookup }), https: new HttpsAgent({ lookup }) }
    const login = { access_key_id: 'key', secret_access_key: 'secret' }
    const given = { provider: 'AWS', endpoint: 's3.amazonaws.com/photos', ...login, ...options }
    await expect(openDriver(definition, given, { agents })).rejects.toMatchObject({ code: 'Unavailable' })
    expect(hosts).toEqual([host])
  })

  it('a site that is no S3 is told apart from one', async () => {
    for (const page of ['<html><body>Welcome</body></html>', '<!doctype html><p>not even XML', '{}', '']) {
      const site = createServer((_request, response) => response.end(page))
      await once(site.listen(0, '127.0.0.1'), 'listening')
      const address = site.address()
      const port = typeof address === 'object' && address ? address.port : 0
      const service = { endpoint: `http://127.0.0.1:${port}`, key: 'key', secret: 'secret' }
      await expect(connectTo(service)).rejects.toThrow('Check endpoint')
      site.closeAllConnections()
      site.close()
    }
  })

  it('traffic is logged as far as it is wanted, and never with a secret', async () => {
    const lines: string[] = []
    const note = (message: string, facts?: unknown): void => void lines.push(`${message} ${JSON.stringify(facts)}`)
    const log = { debug: note, info: note, warn: note }
    const service = { endpoint: `http://127.0.0.1:${proxy.port}`, key: 'the-key', secret: 'the-secret' }
    const secrets = { session_token: 'the-token', sse_customer_key: 'the-customer-key-of-32-characters'.slice(0, 32) }
    const modes = { provider: 'Minio', sdk_log_mode: 'Signing,RequestWithBody,ResponseWithBody', ...secrets }
    const driver = requireMethods(await connectTo(service, modes, { log }), 'write')
    await driver.write(parsePath('logged/a.txt'), { body: body() })
    const text = lines.join('\n')
    expect(text).toContain('PutObjectCommand')
    expect(text).toContain('ListAllMyBucketsResult')
    const encoded = Buffer.from(secrets.sse_customer_key).toString('base64')
    for (const secret of ['the-key', 'the-secret', 'the-token', 'the-customer-key', encoded])
      expect(text).not.toContain(secret)
    lines.length = 0
    await connectTo(service, { provider: 'Minio' }, { log })
    expect(lines).toEqual([])
    await connectTo(service, { provider: 'Minio', sts_endpoint: 'x', memory_pool_flush_time: 1 }, { log })
    expect(lines.filter((line) => line.includes('deprecated'))).toHaveLength(2)
  })
})
