import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Dropbox, startDropbox } from '../simulators/dropbox/start-dropbox.ts'
import { cloudDrive, idIn, itKeepsHistory } from './cloud-drive.ts'
import { itReadsInEveryWay } from './reading-ways.ts'
import { zipOf } from './stored-zip.ts'

const content = Buffer.from(Array.from({ length: 20_000 }, (_, line) => `line ${line} of the file\n`).join(''))
const digest = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex')

let dropbox: Dropbox
const { ask, connect, connectFirst, origin, start, stop, tunnels } = cloudDrive('dropbox')

const client = () => ({ client_id: dropbox.app.key, client_secret: dropbox.app.secret })

beforeAll(async () => {
  dropbox = await startDropbox()
  dropbox.seed({
    '/Photos/file.txt': content,
    '/Photos/other.txt': 'a needle in another file\n',
    '/box.zip': zipOf({ 'inside/a.txt': 'packed', 'b.txt': 'too' }),
  })
  dropbox.addPaper('/Plan.paper', new Map([['markdown', Buffer.from('# A plan\nwith a needle\n')]]))
  await start(dropbox.routes)
  await connectFirst({ token: dropbox.issueToken().blob, ...client() })
})
afterAll(async () => {
  await stop()
  await dropbox.close()
})

describe('files in Dropbox', () => {
  it('are connected, through the hosts of the vendor', async () => {
    const response = await connect({ token: dropbox.issueToken().accessToken })
    expect([response.status, await response.json()]).toMatchObject([
      201,
      {
        success: true,
        message: 'Dropbox backend connected successfully',
        data: { id: expect.stringMatching(/^bnd_dropbox_/), backend_type: 'dropbox', type: 'backend' },
      },
    ])
    expect(tunnels()).toContain('api.dropboxapi.com:443')
  })

  it('are listed', async () => {
    expect(await (await ask('')).text()).toContain('"Photos"')
    const listing = await (await ask('Photos')).text()
    expect(listing).toContain('"file.txt"')
    expect(listing).toContain(String(content.length))
  })

  itReadsInEveryWay({ ask, content, alias: 'photos/FILE.txt' })

  it('that are documents of the vendor are read as it exports them', async () => {
    const response = await ask('Plan.paper')
    expect([response.headers.get('content-type'), await response.text()]).toEqual([
      expect.stringContaining('text/markdown'),
      '# A plan\nwith a needle\n',
    ])
    expect(await (await ask('Plan.paper?lines=2')).text()).toBe('with a needle\n')
    expect(await (await ask('Plan.paper', { headers: { range: 'bytes=2-7' } })).text()).toBe('A plan')
  })

  it('arrive with every byte when their answer breaks or is refused for a moment', async () => {
    dropbox.forget()
    dropbox.fail(
      { route: 'files/download', with: 'cut', after: 200_000 },
      { route: 'files/download', with: 'too_many_requests', retryAfter: 0 },
      { route: 'files/download', with: 'expired_access_token' },
    )
    const body = Buffer.from(await (await ask('Photos/file.txt')).arrayBuffer())
    expect(digest('sha256', body)).toBe(digest('sha256', content))
    const ranges = dropbox.requests
      .filter(({ route }) => route === 'files/download')
      .map(({ headers }) => headers.range)
    expect(ranges).toEqual([undefined, ...Array.from({ length: 3 }, () => `bytes=200000-${content.length - 1}`)])
  })

  itKeepsHistory(ask)

  it('that cannot be there are refused in words', async () => {
    const ignored = await ask('new/desktop.ini', { method: 'PUT', body: 'x' })
    expect([ignored.status, await ignored.json()]).toMatchObject([
      400,
      { error: expect.stringContaining('desktop.ini') },
    ])
    const missing = await ask('Photos/nothing')
    expect([missing.status, await missing.json()]).toMatchObject([
      404,
      { error: expect.stringContaining('Photos/nothing') },
    ])
  })
})

describe('a connection to Dropbox', () => {
  it.each([
    [{ token: 'marker' }, 'token: is not accepted by the vendor'],
    [{ token: '{"access_token":"","refresh_token":"marker"}', client_id: 'nobody', client_secret: 'x' }, 'client_id'],
    [{ token: 'a', root_namespace: 'marker' }, 'root_namespace'],
    [{ token: 'a', batch_mode: 'sometimes' }, 'batch_mode'],
    [{ token: 'a', shared_files: true, shared_folders: true }, 'shared_folders'],
    [{ token: 'a', colour: 'red' }, 'colour'],
  ])('with %j is a 400 that says why', async (options, reason) => {
    const response = await connect(options)
    const answer = await response.json()
    expect([response.status, answer]).toMatchObject([400, { success: false, error: expect.stringContaining(reason) }])
    expect(JSON.stringify(answer)).not.toContain('marker')
  })

  it('whose token lacks a scope is told which', async () => {
    const response = await connect({ token: dropbox.issueToken({ scopes: ['account_info.read'] }).blob })
    expect([response.status, await response.json()]).toMatchObject([
      expect.any(Number),
      { success: false, error: expect.stringContaining('files.metadata.read') },
    ])
  })

  it('without a token waits for a user to allow it, and works from then on', async () => {
    const response = await connect(client())
    expect(response.status).toBe(201)
    const waiting = await idIn(response)
    expect((await ask('', undefined, waiting)).status).toBe(409)
    const began = await fetch(`${origin()}/api/v1/backends/${waiting}/authorize`, { redirect: 'manual' })
    const page = began.headers.get('location') ?? ''
    expect(page).toMatch(/^https:\/\/www\.dropbox\.com\/oauth2\/authorize\?.*token_access_type=offline/)
    const back = await dropbox.consent(page)
    const cookie = (began.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const arrived = await fetch(`${origin()}${back.pathname}${back.search}`, { headers: { cookie } })
    expect([arrived.status, (await arrived.text()).length > 0]).toEqual([200, true])
    expect(await (await ask('Photos/other.txt', undefined, waiting)).text()).toContain('needle')
  })

  it('whose grant was taken back asks to allow access anew', async () => {
    const issued = dropbox.issueToken()
    const revoked = await idIn(await connect({ token: issued.blob, ...client() }))
    dropbox.revoke(issued.refreshToken)
    const response = await ask('Photos/other.txt', undefined, revoked)
    expect([response.status, await response.json()]).toMatchObject([
      409,
      { success: false, authorize_url: expect.any(String) },
    ])
    const state: unknown = await (await fetch(`${origin()}/api/v1/backends/${revoked}`)).json()
    expect(state).toMatchObject({ status: 'reauthorize' })
  })
})
