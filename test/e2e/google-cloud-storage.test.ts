import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultyProxy, type FaultyProxy } from '../../packages/driver-gcs/src/testing/faulty-proxy.ts'
import {
  type SimulatedService,
  startSimulatedService,
} from '../../packages/driver-gcs/src/testing/simulated-service.ts'
import { serve, type Serving } from './serving.ts'
import { zipOf } from './stored-zip.ts'

const content = Buffer.from(Array.from({ length: 20_000 }, (_, line) => `line ${line} of the file\n`).join(''))
const digest = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex')

let service: SimulatedService
let proxy: FaultyProxy
let server: Serving
let id: string

const connect = (options: Readonly<Record<string, unknown>>): Promise<Response> =>
  server.fetch('/api/v1/backends/google-cloud-storage', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(options),
  })
const ask = (path: string, init?: RequestInit): Promise<Response> =>
  server.fetch(`/api/v1/files/${path}${path.includes('?') ? '&' : '?'}backend=${id}`, init)

beforeAll(async () => {
  service = await startSimulatedService()
  proxy = await faultyProxy(service.endpoint)
  await service.makeBucket('photos')
  await service.put('photos', 'folder/file.txt', content)
  await service.put('photos', 'folder/other.txt', Buffer.from('a needle in another file\n'))
  await service.put('photos', 'box.zip', zipOf({ 'inside/a.txt': 'packed', 'b.txt': 'too' }))
  server = await serve({})
  const response = await connect({ ...service.options, endpoint: proxy.endpoint })
  const { data } = (await response.json()) as { data: { id: string } }
  id = data.id
})
afterAll(async () => {
  await server.stop()
  await proxy.close()
  await service.close()
})

describe('files on Google Cloud Storage', () => {
  it('are connected', async () => {
    const response = await connect({ ...service.options, endpoint: proxy.endpoint })
    expect([response.status, await response.json()]).toMatchObject([
      201,
      { success: true, data: { backend_type: 'google cloud storage', type: 'object_storage' } },
    ])
  })

  it('are listed, from the buckets down', async () => {
    expect(await (await ask('')).text()).toContain('"photos"')
    const listing = await (await ask('photos/folder')).text()
    expect(listing).toContain('"file.txt"')
    expect(listing).toContain(String(content.length))
  })

  it('are read whole, in a range, in several and on condition', async () => {
    const whole = await ask('photos/folder/file.txt')
    expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true)
    const etag = whole.headers.get('etag') ?? ''
    const part = await ask('photos/folder/file.txt', { headers: { range: 'bytes=1000-1999' } })
    expect([part.status, await part.text()]).toEqual([206, content.subarray(1000, 2000).toString()])
    const last = await ask('photos/folder/file.txt', { headers: { range: 'bytes=-5' } })
    expect([last.status, await last.text()]).toEqual([206, content.subarray(-5).toString()])
    const several = await ask('photos/folder/file.txt', { headers: { range: 'bytes=0-4,100-104' } })
    expect([several.status, several.headers.get('content-type')]).toEqual([206, expect.stringContaining('byteranges')])
    await several.arrayBuffer()
    const beyond = await ask('photos/folder/file.txt', { headers: { range: `bytes=${content.length}-` } })
    expect(beyond.status).toBe(416)
    const same = await ask('photos/folder/file.txt', { headers: { 'if-none-match': etag } })
    expect(same.status).toBe(304)
    const other = await ask('photos/folder/file.txt', { headers: { 'if-match': '"other"' } })
    expect(other.status).toBe(412)
  })

  it('are shown in every other way', async () => {
    expect(await (await ask('photos/folder/file.txt?lines=100-101')).text()).toBe(
      'line 99 of the file\nline 100 of the file\n',
    )
    expect(await (await ask('photos/folder/file.txt?hash')).json()).toMatchObject({ hash: digest('sha256', content) })
    expect(await (await ask('photos/folder/other.txt?base64')).json()).toMatchObject({
      base64: Buffer.from('a needle in another file\n').toString('base64'),
    })
    expect(await (await ask('photos?grep=needle')).json()).toMatchObject({ total_matches: 1 })
    expect(await (await ask('photos?glob=**/*.txt')).text()).toContain('folder/other.txt')
    const zip = Buffer.from(await (await ask('photos/folder?zip')).arrayBuffer())
    expect([zip.subarray(0, 2).toString(), zip.includes('file.txt')]).toEqual(['PK', true])
    expect(await (await ask('photos/box.zip?preview')).text()).toContain('a.txt')
    expect(await (await ask('photos/box.zip?preview=inside/a.txt')).text()).toContain('packed')
    expect(await (await ask('photos/folder/file.txt?stat')).text()).toContain(String(content.length))
  })

  it('arrive with every byte when their answer breaks or is refused for a moment', async () => {
    proxy.meddle('GET', /alt=media/, { kind: 'broken-body', after: 200_000 })
    proxy.meddle('GET', /alt=media/, { kind: 'throttled', retryAfter: 0 })
    proxy.meddle('GET', /alt=media/, { kind: 'expired-token' })
    proxy.control.requests()
    const body = Buffer.from(await (await ask('photos/folder/file.txt')).arrayBuffer())
    expect(digest('sha256', body)).toBe(digest('sha256', content))
    const offsets = proxy.control.requests().flatMap(({ offset }) => (offset === undefined ? [] : [offset]))
    expect([offsets[0], new Set(offsets.slice(1))]).toEqual([0, new Set([200_000])])
  })

  it('are written and removed', async () => {
    const put = await ask('photos/new/file.bin', { method: 'PUT', body: content })
    expect(put.status).toBeLessThan(300)
    await put.arrayBuffer()
    expect(digest('sha256', new Uint8Array(await (await ask('photos/new/file.bin')).arrayBuffer()))).toBe(
      digest('sha256', content),
    )
    const removed = await ask('photos/new/file.bin', { method: 'DELETE' })
    expect(removed.status).toBeLessThan(300)
    await removed.arrayBuffer()
    expect((await ask('photos/new/file.bin')).status).toBe(404)
  })

  it('that are not there, or whose bucket is not, are a 404 that says so', async () => {
    for (const [path, error] of [
      ['photos/nothing', 'photos/nothing'],
      ['nowhere/file', "no bucket 'nowhere'"],
    ] as const) {
      const response = await ask(path)
      expect([response.status, await response.json()]).toMatchObject([404, { error: expect.stringContaining(error) }])
    }
  })
})

describe('a connection to Google Cloud Storage that cannot be made', () => {
  it.each([
    [{}, 'Give one of'],
    [{ anonymous: true, endpoint: 'http://127.0.0.1:1' }, 'could not be reached'],
    [{ anonymous: true, endpoint: 'http://169.254.169.254' }, 'never contacted'],
    [{ env_auth: true }, '--credentials-dir'],
    [{ service_account_file: '/etc/passwd' }, '--credentials-dir'],
    [{ access_token: 'marker', project_number: '1' }, 'did not accept the access token'],
    [{ colour: 'red' }, 'colour'],
    [{ token: 'marker' }, 'token'],
  ])('with %j is a 400 that says why', async (options, reason) => {
    const response = await connect({ endpoint: service.endpoint, ...options })
    const answer = await response.json()
    expect([response.status, answer]).toMatchObject([400, { success: false, error: expect.stringContaining(reason) }])
    expect(JSON.stringify(answer)).not.toContain('marker')
  })

  it('because the token address is forbidden says so', async () => {
    const token = { access_token: '', refresh_token: 'marker', expiry: '2020-01-01T00:00:00Z' }
    const options = { token: JSON.stringify(token), client_id: 'a', token_url: 'http://169.254.169.254/token' }
    const response = await connect({ endpoint: service.endpoint, ...options })
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: expect.stringContaining('never contacted') },
    ])
  })
})
