import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type FtpServer, startFtpServer } from '../../packages/driver-ftp/src/testing/server.ts'
import { selfSigned } from './self-signed.ts'
import { serve, type Serving } from './serving.ts'
import { zipOf } from './stored-zip.ts'

const content = Buffer.from(Array.from({ length: 20_000 }, (_, line) => `line ${line} of the file\n`).join(''))
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const secret = 'a-secret-pass'

let ftp: FtpServer
let encrypted: FtpServer
let server: Serving
let id: string

const connect = (options: Readonly<Record<string, unknown>>): Promise<Response> =>
  server.fetch('/api/v1/backends/ftp', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(options),
  })
const ask = (path: string, init?: RequestInit): Promise<Response> =>
  server.fetch(`/api/v1/files/${path}${path.includes('?') ? '&' : '?'}backend=${id}`, init)
const bytesOf = async (path: string, init?: RequestInit): Promise<Buffer> =>
  Buffer.from(await (await ask(path, init)).arrayBuffer())
const statusOf = async (path: string, init?: RequestInit): Promise<number> => {
  const response = await ask(path, init)
  await response.arrayBuffer()
  return response.status
}

beforeAll(async () => {
  ftp = await startFtpServer()
  encrypted = await startFtpServer({ tls: 'explicit', ...selfSigned() })
  server = await serve({})
})
beforeEach(async () => {
  ftp.tree.seed('/folder/file.txt', content, Date.UTC(2021, 4, 6, 7, 8, 9))
  ftp.tree.seed('/folder/other.txt', Buffer.from('a needle in another file\n'))
  ftp.tree.seed('/box.zip', zipOf({ 'inside/a.txt': 'packed' }))
  ftp.requests.length = 0
  const response = await connect({ host: '127.0.0.1', port: ftp.port, user: 'u', pass: 'pw' })
  const { data } = (await response.json()) as { data: { id: string } }
  id = data.id
})
afterAll(async () => {
  await server.stop()
  await encrypted.close()
  await ftp.close()
})

describe('files on an FTP server', () => {
  it('are connected', async () => {
    const response = await connect({ host: '127.0.0.1', port: ftp.port, user: 'u', pass: 'pw' })
    expect([response.status, await response.json()]).toMatchObject([
      201,
      { success: true, data: { backend_type: 'ftp', type: 'protocol', mount_paths: [] } },
    ])
  })

  it('are shown in every way', async () => {
    const file = 'folder/file.txt'
    expect((await bytesOf(file)).equals(content)).toBe(true)
    expect(String(await bytesOf('folder?simple'))).toBe('file.txt\nother.txt\n')
    expect(String(await bytesOf(file, { headers: { range: 'bytes=1000-1999' } }))).toBe(
      String(content.subarray(1000, 2000)),
    )
    expect(String(await bytesOf(file, { headers: { range: 'bytes=-5' } }))).toBe(String(content.subarray(-5)))
    const parts = String(await bytesOf(file, { headers: { range: 'bytes=0-3,100-104' } }))
    expect(parts).toContain(`Content-Range: bytes 100-104/${content.length}`)
    expect(String(await bytesOf(`${file}?lines=100-100`))).toBe('line 99 of the file\n')
    expect(String(await bytesOf(`${file}?lines=-1`))).toBe('line 19999 of the file\n')
    expect(String(await bytesOf(`${file}?hash`))).toContain(digest(content))
    expect(String(await bytesOf('folder/other.txt?base64'))).toContain('"size":25')
    expect(String(await bytesOf(`${file}?stat`))).toContain(`"size":${content.length}`)
    expect(String(await bytesOf('folder?grep=needle'))).toContain('"total_matches":1,')
    expect(String(await bytesOf('?glob=**/*.txt'))).toContain('folder/other.txt')
    expect(String(await bytesOf('box.zip?preview=inside/a.txt'))).toContain('packed')
    const zip = await bytesOf('folder?zip')
    expect([zip.subarray(0, 2).toString(), zip.includes('other.txt')]).toEqual(['PK', true])
  })

  it('are read on condition of their time', async () => {
    const file = 'folder/file.txt'
    const at = new Date(Date.UTC(2021, 4, 6, 7, 8, 9)).toUTCString()
    const before = new Date(Date.UTC(2021, 4, 6, 7, 8, 8)).toUTCString()
    expect(await statusOf(file, { headers: { 'if-modified-since': at } })).toBe(304)
    expect(await statusOf(file, { headers: { 'if-modified-since': before } })).toBe(200)
    expect(await statusOf(file, { headers: { 'if-unmodified-since': before } })).toBe(412)
    expect(await statusOf(file, { headers: { 'if-match': '"any"' } })).toBe(412)
  })

  it('are written, copied, moved and removed', async () => {
    const put = await ask('made/new.bin', { method: 'PUT', body: new Uint8Array(content) })
    expect([put.status, await put.json()]).toMatchObject([201, { size: content.length }])
    expect(await statusOf('empty folder?mkdir', { method: 'POST' })).toBe(201)
    expect(await statusOf('made/new.bin?copy_to=/made/copy.bin', { method: 'POST' })).toBe(200)
    expect(await statusOf('made/copy.bin?move_to=/made/moved%20%C3%A9.bin', { method: 'POST' })).toBe(200)
    expect(String(await bytesOf('made?simple'))).toBe('moved é.bin\nnew.bin\n')
    expect(digest(await bytesOf('made/moved%20%C3%A9.bin'))).toBe(digest(content))
    expect(await statusOf('made/new.bin', { method: 'PUT', headers: { 'if-none-match': '*' }, body: 'x' })).toBe(412)
    expect(await statusOf('made', { method: 'DELETE' })).toBe(204)
    expect(await statusOf('made')).toBe(404)
  })

  it('arrive with every byte when their connection breaks, or never look whole', async () => {
    ftp.faults.broken = { times: 2, after: 200_000 }
    expect(digest(await bytesOf('folder/file.txt'))).toBe(digest(content))
    expect(ftp.requests.map(({ offset }) => offset)).toEqual([0, 200_000, 400_000])
    ftp.faults.broken = { times: 1000, after: 0 }
    const outcome = await bytesOf('folder/file.txt').catch(() => undefined)
    expect(outcome?.equals(content) ?? false).toBe(false)
    const zip = await bytesOf('folder?zip').catch(() => undefined)
    expect(zip === undefined || zip.includes('filegate-errors.txt')).toBe(true)
    ftp.faults.broken = { times: 0, after: 0 }
  })

  it('let go of the server when the client leaves', async () => {
    ftp.tree.seed('/large', Buffer.alloc(50_000_000, 'x'))
    const leaving = new AbortController()
    const response = await ask('large', { signal: leaving.signal })
    await response.body?.getReader().read()
    leaving.abort()
    await expect.poll(() => ftp.open()).toBe(0)
  })
})

describe('a connection to an FTP server that cannot be made', () => {
  it.each<readonly [problem: string, options: () => object, said: string]>([
    ['the password is wrong', () => ({ port: ftp.port, pass: secret }), 'did not accept the user and password'],
    ['nothing listens', () => ({ port: 9 }), 'No FTP server listens there. Check host and port'],
    ['encryption is missing', () => ({ port: encrypted.port }), 'insists on encryption. Set explicit_tls'],
    ['the certificate is not trusted', () => ({ port: encrypted.port, explicit_tls: true }), 'not trusted'],
    ['there is no encryption', () => ({ port: ftp.port, explicit_tls: true }), 'does not offer TLS at this port'],
    ['the address is never contacted', () => ({ host: '169.254.169.254' }), 'never contacted'],
    ['an option does not exist', () => ({ port: ftp.port, password: secret }), 'password: there is no such option'],
  ])('because %s is a 400 that says so, and no secret', async (_problem, options, said) => {
    const response = await connect({ host: '127.0.0.1', user: 'u', pass: 'pw', ...options() })
    const text = await response.text()
    expect([response.status, text]).toEqual([400, expect.stringContaining(said)])
    expect(text).not.toContain(secret)
  })
})
