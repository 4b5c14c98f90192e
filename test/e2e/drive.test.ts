import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SimulatedDrive, startDrive } from '../simulators/drive/start-drive.ts'
import { cloudDrive, idIn, itKeepsHistory, type Json } from './cloud-drive.ts'
import { itReadsInEveryWay } from './reading-ways.ts'
import { zipOf } from './stored-zip.ts'

const content = Buffer.from(Array.from({ length: 20_000 }, (_, line) => `line ${line} of the file\n`).join(''))
const digest = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex')
const scope = 'https://www.googleapis.com/auth/drive'

let drive: SimulatedDrive
const { ask, connect, connectFirst, origin, start, stop, tunnels } = cloudDrive('drive')

/** The options of a user who has allowed access, with a token that is good for an hour. */
function login(access = drive.issueToken()): { readonly options: Json; readonly refreshToken: string } {
  const { clientId, clientSecret, refreshToken } = drive.tokens.addUser(drive.user.email, [scope])
  const expiry = new Date(Date.now() + 3_600_000).toISOString()
  const token = JSON.stringify({ access_token: access, refresh_token: refreshToken, expiry })
  return { refreshToken, options: { token, client_id: clientId, client_secret: clientSecret, pacer_burst: 100_000 } }
}

beforeAll(async () => {
  drive = await startDrive()
  const photos = drive.add({ kind: 'folder', name: 'Photos' }).id
  const file = drive.add({ name: 'file.txt', parent: photos, bytes: content, mimeType: 'text/plain' })
  drive.add({ name: 'other.txt', parent: photos, bytes: 'a needle in another file\n', mimeType: 'text/plain' })
  drive.add({ name: 'box.zip', bytes: zipOf({ 'inside/a.txt': 'packed', 'b.txt': 'too' }) })
  drive.add({ name: 'Plan', document: '# A plan\nwith a needle\n' })
  drive.add({ name: 'short', shortcutTo: file.id })
  drive.add({ name: 'either/or.txt', bytes: 'a slash in its name' })
  await start(drive.routes)
  await connectFirst({ ...login().options, export_formats: 'txt' })
})
afterAll(async () => {
  await stop()
  await drive.close()
})

describe('files in Google Drive', () => {
  it('are connected, through the hosts of the vendor', async () => {
    const response = await connect(login().options)
    expect([response.status, await response.json()]).toMatchObject([
      201,
      {
        success: true,
        message: 'Google Drive backend connected successfully',
        data: { id: expect.stringMatching(/^bnd_drive_/), backend_type: 'drive', type: 'backend' },
      },
    ])
    expect(tunnels()).toContain('www.googleapis.com:443')
  })

  it('are listed', async () => {
    const top = await (await ask('')).text()
    for (const name of ['"Photos"', '"Plan.txt"', '"short"', '"box.zip"']) expect(top).toContain(name)
    const listing = await (await ask('Photos')).text()
    expect(listing).toContain('"file.txt"')
    expect(listing).toContain(String(content.length))
  })

  itReadsInEveryWay({ ask, content })

  it('say whose they are', async () => {
    expect(await (await ask('Photos/file.txt?stat')).json()).toMatchObject({ owner: drive.user.email })
  })

  it('that are documents, shortcuts, or have a slash in their name, are read too', async () => {
    const plan = await ask('Plan.txt')
    expect([plan.headers.get('content-type'), await plan.text()]).toEqual([
      expect.stringContaining('text/plain'),
      '# A plan\nwith a needle\n',
    ])
    expect(await (await ask('Plan.txt?lines=2')).text()).toBe('with a needle\n')
    expect(await (await ask('Plan.txt', { headers: { range: 'bytes=2-7' } })).text()).toBe('A plan')
    const { length } = new Uint8Array(await (await ask('short')).arrayBuffer())
    expect(length).toBe(content.length)
    expect(await (await ask(encodeURIComponent('either／or.txt'))).text()).toBe('a slash in its name')
  })

  it('are shown in every way though nobody knows how long they are, when they are documents', async () => {
    const text = '# A plan\nwith a needle\n'
    const head = await ask('Plan.txt', { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, null])
    const part = await ask('Plan.txt', { headers: { range: 'bytes=-7' } })
    expect([part.status, await part.text()]).toEqual([206, 'needle\n'])
    const several = await ask('Plan.txt', { headers: { range: 'bytes=0-0,2-3' } })
    expect([several.status < 300, (await several.text()).length > 0]).toEqual([true, true])
    const beyond = await ask('Plan.txt', { headers: { range: 'bytes=100-' } })
    // A range that leads nowhere may be left out of account (RFC 9110, section 14.2).
    expect([beyond.status, await beyond.text()]).toEqual([200, text])
    expect(await (await ask('Plan.txt?hash')).json()).toMatchObject({ hash: digest('sha256', Buffer.from(text)) })
    expect(await (await ask('Plan.txt?base64')).json()).toMatchObject({ base64: Buffer.from(text).toString('base64') })
    expect(await (await ask('Plan.txt?stat')).json()).toMatchObject({ name: 'Plan.txt' })
    expect(await (await ask('?grep=with a needle')).text()).toContain('Plan.txt')
    const zip = Buffer.from(await (await ask('?zip')).arrayBuffer())
    expect([zip.subarray(0, 2).toString(), zip.includes('Plan.txt')]).toEqual(['PK', true])
  })

  it('arrive with every byte when their answer breaks or is refused for a moment', async () => {
    drive.forget()
    drive.fail(
      { call: 'files.get', cutAfter: 200_000 },
      { call: 'files.get', reason: 'userRateLimitExceeded', retryAfter: '0' },
      { call: 'files.get', reason: 'authError' },
    )
    const body = Buffer.from(await (await ask('Photos/file.txt')).arrayBuffer())
    expect(digest('sha256', body)).toBe(digest('sha256', content))
    const ranges = drive.requests
      .filter(({ query }) => query.get('alt') === 'media')
      .map(({ headers }) => headers['range'])
    expect(ranges).toEqual([undefined, ...Array.from({ length: 3 }, () => `bytes=200000-${content.length - 1}`)])
  })

  it('are taken in chunks when they are large, whether their size is known or not', async () => {
    const large = Buffer.alloc(17_000_000, content)
    for (const body of [large, new Blob([large]).stream()]) {
      drive.forget()
      const put = await ask('large.bin', { method: 'PUT', body, duplex: 'half' } as RequestInit)
      expect([put.status < 300, await put.text()]).toEqual([true, expect.any(String)])
      expect(drive.count('upload.continue')).toBeGreaterThanOrEqual(3)
      const stored = new Uint8Array(await (await ask('large.bin')).arrayBuffer())
      expect(digest('sha256', stored)).toBe(digest('sha256', large))
    }
    expect((await ask('large.bin', { method: 'DELETE' })).status).toBeLessThan(300)
  })

  it('are copied, moved and renamed by the vendor', async () => {
    const change = async (path: string, method: string, body?: Json) => {
      const init = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}
      const response = await ask(path, { method, ...init })
      expect([response.status, await response.text()]).toEqual([200, expect.any(String)])
    }
    await (await ask('work/in/a.txt', { method: 'PUT', body: 'moved about\n' })).text()
    drive.forget()
    await change('work?copy_to=/copied', 'POST')
    await change('copied/in/a.txt?move_to=/copied/b.txt', 'POST')
    await change('copied/b.txt', 'PATCH', { name: 'c.txt' })
    expect(drive.count('files.copy')).toBe(1)
    expect(drive.requests.some(({ query }) => query.get('alt') === 'media')).toBe(false)
    expect(await (await ask('copied/c.txt')).text()).toBe('moved about\n')
    expect((await ask('copied/in/a.txt')).status).toBe(404)
    for (const path of ['work', 'copied']) expect((await ask(path, { method: 'DELETE' })).status).toBeLessThan(300)
  })

  itKeepsHistory(ask)
})

describe('a connection to Google Drive', () => {
  it.each([
    [{ token: 'marker' }, 'token: must be a JSON object'],
    [{ token: '{"access_token":"","refresh_token":"marker"}', client_id: 'nobody', client_secret: 'x' }, 'client_id'],
    [{ team_drive: '0Anowhere' }, "team_drive: there is no shared drive '0Anowhere'"],
    [{ root_folder_id: 'unknown' }, "root_folder_id: there is no folder 'unknown'"],
    [{ env_auth: true }, '--credentials-dir'],
    [{ service_account_file: '/etc/passwd' }, '--credentials-dir'],
    [{ impersonate: 'marker' }, 'impersonate'],
    [{ colour: 'red' }, 'colour'],
  ])('with %j is refused with what is wrong', async (options, reason) => {
    const response = await connect({ ...login().options, ...options })
    const answer = await response.json()
    expect(response.status).toBeLessThan(500)
    expect(answer).toMatchObject({ success: false, error: expect.stringContaining(reason) })
    expect(JSON.stringify(answer)).not.toContain('marker')
  })

  it('whose token lacks the scope names it', async () => {
    const narrow = await idIn(await connect(login(drive.issueToken(['drive.readonly'])).options))
    const response = await ask('refused.txt', { method: 'PUT', body: 'x' }, narrow)
    expect([response.status, await response.json()]).toMatchObject([
      403,
      { error: expect.stringContaining('with the scope drive') },
    ])
  })

  it('whose storage is full says so', async () => {
    const { used } = drive.tree.quota(drive.user.root)
    drive.tree.setTotal(drive.user.root, used + 5)
    const response = await ask('large.txt', { method: 'PUT', body: 'more than five bytes' })
    drive.tree.setTotal(drive.user.root, undefined)
    expect([response.status, await response.json()]).toMatchObject([
      507,
      { error: expect.stringContaining('storage of the Google account is full') },
    ])
  })

  it('without a token waits for a user to allow it, and works from then on', async () => {
    const { clientId, clientSecret } = drive.tokens.addApplication({
      redirectUris: [`${origin()}/api/v1/oauth/callback`],
    })
    const response = await connect({ client_id: clientId, client_secret: clientSecret })
    expect(response.status).toBe(201)
    const waiting = await idIn(response)
    expect((await ask('', undefined, waiting)).status).toBe(409)
    const began = await fetch(`${origin()}/api/v1/backends/${waiting}/authorize`, { redirect: 'manual' })
    const page = new URL(began.headers.get('location') ?? '')
    expect([page.host, page.searchParams.get('access_type'), page.searchParams.get('scope')]).toEqual([
      'accounts.google.com',
      'offline',
      scope,
    ])
    drive.tokens.consentAs({ email: drive.user.email })
    const consented = await fetch(`${drive.tokens.endpoint}${page.pathname}${page.search}`, { redirect: 'manual' })
    const back = new URL(consented.headers.get('location') ?? '')
    const cookie = (began.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const arrived = await fetch(`${origin()}${back.pathname}${back.search}`, { headers: { cookie } })
    expect([arrived.status, (await arrived.text()).length > 0]).toEqual([200, true])
    expect(await (await ask('Photos/other.txt', undefined, waiting)).text()).toContain('needle')
  })

  it('whose grant was taken back asks to allow access anew', async () => {
    const { options, refreshToken } = login()
    const revoked = await idIn(await connect(options))
    drive.tokens.revoke(refreshToken)
    drive.tokens.endTokens()
    const response = await ask('Photos/other.txt', undefined, revoked)
    expect([response.status, await response.json()]).toMatchObject([
      409,
      { success: false, authorize_url: expect.any(String) },
    ])
    const state: unknown = await (await fetch(`${origin()}/api/v1/backends/${revoked}`)).json()
    expect(state).toMatchObject({ status: 'reauthorize' })
  })
})
