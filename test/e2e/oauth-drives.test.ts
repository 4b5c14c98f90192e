import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Dropbox, startDropbox } from '../simulators/dropbox/start-dropbox.ts'
import { type SimulatedDrive, startDrive } from '../simulators/drive/start-drive.ts'
import { type GoogleCloudStorage, startGoogleCloudStorage } from '../simulators/gcs/start-google-cloud-storage.ts'
import { type HttpsProxy, startHttpsProxy } from '../simulators/https-proxy/start-https-proxy.ts'
import { type OneDrive, startOneDrive } from '../simulators/onedrive/start-onedrive.ts'
import { vendorFetch } from '../simulators/vendor-fetch.ts'
import { killStarted, start, type Started } from './command-line.ts'

/** As behind a proxy: vendors know one address that users are sent back to. */
const publicUrl = 'https://files.example.org'
const callback = `${publicUrl}/api/v1/oauth/callback`

let drive: SimulatedDrive
let dropbox: Dropbox
let onedrive: OneDrive
let buckets: GoogleCloudStorage
let proxy: HttpsProxy
let base: string
let clients: Readonly<Record<string, { readonly id: string; readonly secret: string }>>

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'filegate-oauth-drives-'))
  mkdirSync(join(base, 'served'))
  drive = await startDrive()
  drive.add({ name: 'who.txt', bytes: 'Google' })
  dropbox = await startDropbox({ redirectUris: [callback] })
  dropbox.seed({ 'who.txt': 'Dropbox' })
  const application = { clientId: 'onedrive-app', secret: 'onedrive-secret', redirectUris: [callback] }
  onedrive = await startOneDrive({ applications: [application], reuse: 0 })
  const [place] = onedrive.drives
  onedrive.tree.addFile({ name: 'who.txt', parents: [place?.root ?? ''], bytes: Buffer.from('Microsoft') })
  const { clientId, clientSecret } = drive.tokens.addApplication({ redirectUris: [callback] })
  const google = { id: clientId, secret: clientSecret }
  buckets = await startGoogleCloudStorage({ findAccount: drive.tokens.findAccount })
  const members = ['allAuthenticatedUsers', 'allUsers']
  buckets.addBucket({ name: 'place' }, { bindings: [{ role: 'roles/storage.objectAdmin', members }] })
  const object = `${buckets.endpoint}/upload/storage/v1/b/place/o?uploadType=media&name=who.txt`
  await fetch(object, { method: 'POST', body: 'Buckets' })
  clients = {
    drive: google,
    'google-cloud-storage': google,
    dropbox: { id: dropbox.app.key, secret: dropbox.app.secret },
    onedrive: { id: application.clientId, secret: application.secret },
  }
  const ofBuckets = { 'storage.googleapis.com': buckets.endpoint }
  proxy = await startHttpsProxy({ routes: { ...drive.routes, ...dropbox.routes, ...onedrive.routes, ...ofBuckets } })
})
afterEach(killStarted)
afterAll(async () => {
  await proxy.close()
  await Promise.all([drive.close(), dropbox.close(), onedrive.close(), buckets.close()])
  rmSync(base, { recursive: true })
})

const serve = (): Promise<Started> => {
  const flags = Object.entries(clients).flatMap(([slug, { id }]) => ['--oauth-client', `${slug}=${id}`])
  const secrets = Object.entries(clients).map(([slug, { secret }]) => [
    `FILEGATE_OAUTH_${slug.toUpperCase().replaceAll('-', '_')}_SECRET`,
    secret,
  ])
  const data = ['--data-dir', join(base, 'data'), '--workers', '2', '--port', '0']
  return start([join(base, 'served'), '--allow-remote', '--public-url', publicUrl, ...data, ...flags], {
    variables: {
      NODE_EXTRA_CA_CERTS: proxy.caFile,
      FILEGATE_OUTBOUND_PROXY: proxy.url,
      ...Object.fromEntries(secrets),
    },
  })
}

/** As a browser that is sent there by us and comes back by the vendor. */
async function allow(origin: string, id: string): Promise<Response> {
  const begun = await fetch(`${origin}/api/v1/backends/${id}/authorize`, { redirect: 'manual' })
  expect(begun.status).toBe(302)
  const page = begun.headers.get('location') ?? ''
  const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? ''
  const back = page.includes('dropbox')
    ? await dropbox.consent(page)
    : await vendorFetch({ ...drive.routes, ...onedrive.routes })(page, { redirect: 'manual' }).then(
        ({ headers }) => new URL(headers.get('location') ?? ''),
      )
  expect(`${back.origin}${back.pathname}`).toBe(callback)
  return fetch(`${origin}${back.pathname}${back.search}`, { headers: { cookie } })
}

async function pending(origin: string, slug: string, options: object = {}): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${origin}/api/v1/backends/${slug}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(options),
  })
  const { data } = (await answer.json()) as { data: { id: string; status: string; authorize_url: string } }
  expect([answer.status, data.status, data.authorize_url]).toEqual([
    201,
    'pending',
    `${publicUrl}/api/v1/backends/${data.id}/authorize`,
  ])
  return data.id
}

const read = async (origin: string, id: string, path = 'who.txt'): Promise<{ status: number; text: string }> => {
  const answer = await fetch(`${origin}/api/v1/files/${path}?backend=${id}`, { headers: { connection: 'close' } })
  return { status: answer.status, text: await answer.text() }
}

describe('a user of a server with two workers', () => {
  it.each([
    ['drive', 'Google', () => drive.tokens.endTokens()],
    ['dropbox', 'Dropbox', () => dropbox.endTokens()],
    ['onedrive', 'Microsoft', () => onedrive.entra.revokeTokens()],
  ])('allows %s access, which goes on when the token ends', async (slug, text, end) => {
    const [origin = ''] = (await serve()).addresses
    const id = await pending(origin, slug)
    expect((await read(origin, id)).status).toBe(409)
    const done = await allow(origin, id)
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('Access allowed')])
    const four = [1, 2, 3, 4]
    const good = four.map(() => ({ status: 200, text }))
    expect(await Promise.all(four.map(() => read(origin, id)))).toEqual(good)
    end()
    expect(await Promise.all(four.map(() => read(origin, id)))).toEqual(good)
  })

  it('allows the buckets of Google Cloud Storage access, and is asked anew when that was taken back', async () => {
    const [origin = ''] = (await serve()).addresses
    const id = await pending(origin, 'google-cloud-storage', { project_number: '123456789012' })
    const who = () => read(origin, id, 'place/who.txt')
    expect((await who()).status).toBe(409)
    const done = await allow(origin, id)
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('Access allowed')])
    expect(await who()).toEqual({ status: 200, text: 'Buckets' })
    drive.tokens.endTokens()
    expect(await who()).toEqual({ status: 200, text: 'Buckets' })
    const renewal = drive.tokens.requests.findLast(({ grant }) => grant === 'refresh_token')
    drive.tokens.revoke(renewal?.form.get('refresh_token') ?? '')
    drive.tokens.endTokens()
    expect(await who()).toEqual({ status: 409, text: expect.stringContaining('"code":"REAUTHORIZE"') })
    await allow(origin, id)
    expect((await who()).status).toBe(200)
  })

  it('is asked anew when access was taken back', async () => {
    const [origin = ''] = (await serve()).addresses
    const id = await pending(origin, 'onedrive')
    await allow(origin, id)
    expect((await read(origin, id)).status).toBe(200)
    onedrive.entra.revokeTokens()
    onedrive.entra.revokeGrants(onedrive.users[0])
    expect(await read(origin, id)).toEqual({ status: 409, text: expect.stringContaining('"code":"REAUTHORIZE"') })
    await allow(origin, id)
    expect(await read(origin, id)).toEqual({ status: 200, text: 'Microsoft' })
  })
})
