import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HttpsProxy, startHttpsProxy } from '../simulators/https-proxy/start-https-proxy.ts'
import { type OneDrive, startOneDrive } from '../simulators/onedrive/start-onedrive.ts'
import { killStarted, start } from './command-line.ts'
import { itReadsInEveryWay } from './reading-ways.ts'
import { zipOf } from './stored-zip.ts'

const content = Buffer.from(Array.from({ length: 20_000 }, (_, line) => `line ${line} of the file\n`).join(''))
const digest = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex')

let onedrive: OneDrive
let proxy: HttpsProxy
let base: string
let origin: string
let id: string

type Json = Readonly<Record<string, unknown>>

const connect = (options: Json): Promise<Response> =>
  fetch(`${origin}/api/v1/backends/onedrive`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(options),
  })

const idIn = async (response: Response): Promise<string> => {
  const { data } = (await response.json()) as { data: { id: string } }
  return data.id
}

const ask = (path: string, init?: RequestInit, backend = id): Promise<Response> =>
  fetch(`${origin}/api/v1/files/${path}${path.includes('?') ? '&' : '?'}backend=${backend}`, init)

const login = (fields?: Parameters<OneDrive['tokenBlob']>[0]): Json => ({
  client_id: 'filegate',
  token: onedrive.tokenBlob(fields),
})

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'filegate-onedrive-'))
  mkdirSync(join(base, 'served'))
  onedrive = await startOneDrive({ drives: [{ type: 'business', total: 5_000_000 }] })
  const { tree } = onedrive
  const top = onedrive.drives[0]?.root ?? ''
  const photos = tree.addFolder({ name: 'Photos', parents: [top] }).id
  tree.addFile({ name: 'file.txt', parents: [photos], bytes: content })
  tree.addFile({ name: 'other.txt', parents: [photos], bytes: Buffer.from('a needle in another file\n') })
  tree.addFile({ name: 'box.zip', parents: [top], bytes: zipOf({ 'inside/a.txt': 'packed', 'b.txt': 'too' }) })
  tree.addFile({ name: 'a：b ？.txt', parents: [top], bytes: Buffer.from('an awkward name') })
  proxy = await startHttpsProxy({ routes: onedrive.routes })
  const server = await start(
    [join(base, 'served'), '--port', '0', '--allow-all', '--allow-remote', '--data-dir', join(base, 'data')],
    { variables: { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: proxy.caFile } },
  )
  origin = new URL(server.addresses[0] ?? '').origin
  id = await idIn(await connect(login()))
})
afterAll(async () => {
  killStarted()
  await proxy.close()
  await onedrive.close()
  rmSync(base, { recursive: true, force: true })
})

describe('files in OneDrive', () => {
  it('are connected, through the hosts of the vendor', async () => {
    const response = await connect({ ...login(), drive_type: 'business', description: 'The one of Ann' })
    expect([response.status, await response.json()]).toMatchObject([
      201,
      {
        success: true,
        message: 'OneDrive backend connected successfully',
        data: { id: expect.stringMatching(/^bnd_onedrive_/), backend_type: 'onedrive', type: 'backend' },
      },
    ])
    expect(proxy.tunnels).toContain('graph.microsoft.com:443')
  })

  it('are listed', async () => {
    const top = await (await ask('')).text()
    for (const name of ['"Photos"', '"box.zip"', '"a:b ?.txt"']) expect(top).toContain(name)
    const listing = await (await ask('Photos')).text()
    expect(listing).toContain('"file.txt"')
    expect(listing).toContain(String(content.length))
  })

  itReadsInEveryWay({ ask, content, alias: 'photos/FILE.txt' })

  it('of an awkward name are read', async () => {
    expect(await (await ask(encodeURIComponent('a:b ?.txt'))).text()).toBe('an awkward name')
  })

  it('arrive with every byte when their answer breaks or is refused for a moment', async () => {
    onedrive.forget()
    onedrive.fail({ operation: 'download bytes', after: 200_000 })
    onedrive.fail({ operation: 'download bytes', code: 'activityLimitReached', retryAfter: 0 })
    onedrive.fail({ operation: 'download bytes', code: 'unauthenticated' })
    const body = Buffer.from(await (await ask('Photos/file.txt')).arrayBuffer())
    expect(digest('sha256', body)).toBe(digest('sha256', content))
    const ranges = onedrive.requests
      .filter(({ operation }) => operation === 'download bytes')
      .map(({ headers }) => headers.range)
    expect(ranges).toEqual([undefined, ...Array.from({ length: 3 }, () => `bytes=200000-${content.length - 1}`)])
  })

  it('are written, of whatever length, renamed and removed, and their history is kept', async () => {
    for (const text of ['first\n', 'second\n']) {
      const put = await ask('new/file.txt', { method: 'PUT', body: text })
      expect(put.status).toBeLessThan(300)
      await put.arrayBuffer()
    }
    const { revisions } = (await (await ask('new/file.txt?history')).json()) as { revisions: { seq: number }[] }
    const [oldest] = revisions.toSorted((one, other) => one.seq - other.seq)
    expect(revisions).toHaveLength(2)
    expect(await (await ask(`new/file.txt?revision=${oldest?.seq}`)).text()).toBe('first\n')
    expect(await (await ask('new/file.txt')).text()).toBe('second\n')
    const body = new Blob([content]).stream()
    const streamed = await ask('new/streamed.txt', { method: 'PUT', body, duplex: 'half' })
    expect(streamed.status).toBeLessThan(300)
    await streamed.arrayBuffer()
    expect(Buffer.from(await (await ask('new/streamed.txt')).arrayBuffer()).equals(content)).toBe(true)
    const removed = await ask('new/file.txt', { method: 'DELETE' })
    expect(removed.status).toBeLessThan(300)
    await removed.arrayBuffer()
    expect((await ask('new/file.txt')).status).toBe(404)
  })
})

describe('a connection to OneDrive', () => {
  it.each([
    [{ token: 'marker' }, 'token: must be a JSON object'],
    [{ drive_id: 'unknown' }, "drive_id: there is no drive 'unknown'"],
    [{ root_folder_id: 'unknown' }, "root_folder_id: there is no folder 'unknown'"],
    [{ client_credentials: true }, 'tenant: is required'],
    [{ drive_type: 'personal', hard_delete: true }, 'hard_delete'],
    [{ chunk_size: '5' }, 'chunk_size'],
    [{ region: 'us' }, 'region'],
    [{ colour: 'red' }, 'colour'],
  ])('with %j is refused with what is wrong', async (options, reason) => {
    const response = await connect({ ...login(), ...options })
    const answer = await response.json()
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.status).toBeLessThan(500)
    expect(answer).toMatchObject({ success: false, error: expect.stringContaining(reason) })
    expect(JSON.stringify(answer)).not.toContain('marker')
  })

  it('whose token lacks the scope names it', async () => {
    const narrow = await idIn(await connect(login({ scopes: ['Files.Read'] })))
    expect(await (await ask('Photos/other.txt', undefined, narrow)).text()).toContain('needle')
    const response = await ask('refused.txt', { method: 'PUT', body: 'x' }, narrow)
    expect([response.status, await response.json()]).toMatchObject([
      403,
      { error: expect.stringContaining('Files.ReadWrite.All') },
    ])
  })

  it('whose drive is full says so', async () => {
    const response = await ask('large.bin', { method: 'PUT', body: Buffer.alloc(6_000_000) })
    expect([response.status, await response.json()]).toMatchObject([
      507,
      { error: expect.stringContaining('The drive is full') },
    ])
  })

  it('whose grant was taken back asks to allow access anew', async () => {
    const revoked = await idIn(await connect(login()))
    onedrive.entra.revokeTokens()
    onedrive.entra.revokeGrants('ann@contoso.com')
    onedrive.fail({ operation: 'get item', code: 'InvalidAuthenticationToken' })
    const response = await ask('Photos/other.txt', undefined, revoked)
    expect([response.status, await response.json()]).toMatchObject([
      409,
      { success: false, authorize_url: expect.any(String) },
    ])
    const state: unknown = await (await fetch(`${origin}/api/v1/backends/${revoked}`)).json()
    expect(state).toMatchObject({ status: 'reauthorize' })
  })
})
