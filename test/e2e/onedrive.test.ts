import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OneDrive, startOneDrive } from '../simulators/onedrive/start-onedrive.ts'
import { cloudDrive, idIn, itKeepsHistory, type Json } from './cloud-drive.ts'
import { itReadsInEveryWay } from './reading-ways.ts'
import { zipOf } from './stored-zip.ts'

const content = Buffer.from(Array.from({ length: 20_000 }, (_, line) => `line ${line} of the file\n`).join(''))
const digest = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex')

let onedrive: OneDrive
const { ask, connect, connectFirst, origin, start, stop, tunnels } = cloudDrive('onedrive')

const login = (fields?: Parameters<OneDrive['tokenBlob']>[0]): Json => ({
  client_id: 'filegate',
  token: onedrive.tokenBlob(fields),
})

beforeAll(async () => {
  onedrive = await startOneDrive({ drives: [{ type: 'business', total: 5_000_000 }] })
  const { tree } = onedrive
  const top = onedrive.drives[0]?.root ?? ''
  const photos = tree.addFolder({ name: 'Photos', parents: [top] }).id
  tree.addFile({ name: 'file.txt', parents: [photos], bytes: content })
  tree.addFile({ name: 'other.txt', parents: [photos], bytes: Buffer.from('a needle in another file\n') })
  tree.addFile({ name: 'box.zip', parents: [top], bytes: zipOf({ 'inside/a.txt': 'packed', 'b.txt': 'too' }) })
  tree.addFile({ name: 'a：b ？.txt', parents: [top], bytes: Buffer.from('an awkward name') })
  await start(onedrive.routes)
  await connectFirst(login())
})
afterAll(async () => {
  await stop()
  await onedrive.close()
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
    expect(tunnels()).toContain('graph.microsoft.com:443')
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

  itKeepsHistory(ask)

  it('of whatever length are written', async () => {
    const body = new Blob([content]).stream()
    const streamed = await ask('new/streamed.txt', { method: 'PUT', body, duplex: 'half' })
    expect(streamed.status).toBeLessThan(300)
    await streamed.arrayBuffer()
    expect(Buffer.from(await (await ask('new/streamed.txt')).arrayBuffer()).equals(content)).toBe(true)
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
    const state: unknown = await (await fetch(`${origin()}/api/v1/backends/${revoked}`)).json()
    expect(state).toMatchObject({ status: 'reauthorize' })
  })
})
