import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Settings } from '@filegate/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseRules } from '../../packages/server/src/access/rules.ts'
import { type OAuthProvider, oauthProvider } from '../../packages/server/src/backends/testing/oauth-provider.ts'
import { type OAuthVendor, startOAuthVendor, vendorToken } from '../simulators/oauth-vendor/start-oauth-vendor.ts'
import { serve, type Serving } from './serving.ts'

const ours = { id: 'app-of-server', secret: 'marker-server-secret' }
const theirs = { id: 'app-of-caller', secret: 'marker-caller-secret' }

let folder: string
let vendor: OAuthVendor
let cloud: OAuthProvider
const running: Serving[] = []
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'filegate-e2e-oauth-'))
  vendor = await startOAuthVendor(ours, theirs)
  cloud = oauthProvider(vendor.origin)
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
  await vendor.close()
  rmSync(folder, { recursive: true })
})

/** Several may run on the same state, as the processes of one server do. */
async function start(changes: Partial<Settings> = {}): Promise<Serving> {
  const settings = { dataDirectory: join(folder, 'data'), oauthClients: { cloud: ours }, ...changes }
  const server = await serve({}, settings, { providers: { cloud: async () => cloud.definition } })
  running.push(server)
  return server
}

async function stop(server: Serving): Promise<void> {
  running.splice(running.indexOf(server), 1)
  await server.stop()
}

type Json = Readonly<Record<string, unknown>>
type Headers = Readonly<Record<string, string>>
const json = { 'content-type': 'application/json' }

async function asked(server: Serving, path: string, init?: RequestInit): Promise<{ status: number; body: Json }> {
  const answer = await server.fetch(path, init)
  return { status: answer.status, body: (await answer.json()) as Json }
}

const connect = (server: Serving, options: Json = {}) =>
  asked(server, '/api/v1/backends/cloud', { method: 'POST', headers: json, body: JSON.stringify(options) })

const put = (server: Serving, id: string, options: Json) =>
  asked(server, `/api/v1/backends/${id}`, { method: 'PUT', headers: json, body: JSON.stringify(options) })

async function pending(server: Serving, options: Json = {}): Promise<string> {
  const { data } = (await connect(server, options)).body as { data: { id: string } }
  return data.id
}

const read = async (server: Serving, id: string) => {
  const answer = await server.fetch(`/api/v1/files/who.txt?backend=${id}`)
  return { status: answer.status, text: await answer.text() }
}

const statusOf = async (server: Serving, id: string) => (await asked(server, `/api/v1/backends/${id}`)).body['status']

/** As a browser does it: the cookie is kept, and the vendor's redirect is followed by whoever asks. */
async function begin(server: Serving, id: string, headers: Headers = {}) {
  const answer = await server.fetch(`/api/v1/backends/${id}/authorize`, { redirect: 'manual', headers })
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return { answer, page: answer.headers.get('location') ?? '', cookie }
}

async function atVendor(page: string): Promise<string> {
  const back = await fetch(page, { redirect: 'manual' })
  expect(back.status).toBe(302)
  return back.headers.get('location') ?? ''
}

const arrive = (server: Serving, callback: string, headers: Headers) => {
  const { pathname, search } = new URL(callback)
  return server.fetch(`${pathname}${search}`, { headers: { 'sec-fetch-site': 'cross-site', ...headers } })
}

async function allow(server: Serving, id: string): Promise<Response> {
  const { page, cookie } = await begin(server, id)
  return arrive(server, await atVendor(page), { cookie })
}

async function connected(server: Serving): Promise<string> {
  const id = await pending(server)
  expect((await allow(server, id)).status).toBe(200)
  return id
}

const asAccount = (login: string): Headers => ({ authorization: `Basic ${btoa(login)}` })

describe('a provider', () => {
  it('says that users allow access, and whether they need a client of their own for it', async () => {
    const server = await start()
    const { body } = await asked(server, '/api/v1/providers/cloud')
    expect(body).toMatchObject({ slug: 'cloud', oauth: { server_client: true } })
    const without = await start({ oauthClients: {}, dataDirectory: join(folder, 'other') })
    expect((await asked(without, '/api/v1/providers')).body).toMatchObject({
      providers: [{ slug: 'cloud', oauth: { server_client: false } }],
    })
  })
})

describe('connecting without a token', () => {
  it('answers 201 as documented, pending, and reading ends in a conflict that says where to go', async () => {
    const server = await start()
    const { status, body } = await connect(server, { description: 'mine' })
    const { data } = body as { data: { id: string } }
    const url = `${server.origin}/api/v1/backends/${data.id}/authorize`
    expect([status, body]).toEqual([
      201,
      {
        success: true,
        message: 'Demo Cloud backend connected successfully',
        data: {
          id: expect.stringMatching(/^bnd_[0-9a-f]{16}$/),
          backend_type: 'cloud',
          type: 'backend',
          mount_paths: [],
          status: 'pending',
          authorize_url: url,
        },
      },
    ])
    expect(await asked(server, `/api/v1/files/who.txt?backend=${data.id}`)).toEqual({
      status: 409,
      body: { success: false, code: 'AUTHORIZATION_PENDING', error: expect.any(String), authorize_url: url },
    })
    expect((await asked(server, `/api/v1/backends/${data.id}`)).body).toMatchObject({
      connected: false,
      status: 'pending',
      authorize_url: url,
    })
    expect((await asked(server, `/api/v1/backends/${data.id}/test`)).body).toMatchObject({ status: 'disconnected' })
    expect(await statusOf(server, data.id)).toBe('pending')
  })

  it('needs a client, and says how to give one', async () => {
    const server = await start({ oauthClients: {} })
    const { status, body } = await connect(server)
    expect([status, body['code']]).toEqual([400, 'CLIENT_ID_MISSING'])
    expect(body['error']).toMatch(/client_id: .*--oauth-client cloud=ID.*a token/)
    expect((await asked(server, '/api/v1/backends')).body['count']).toBe(0)
  })

  it.each(['javascript:alert(1)', 'https://user:password@vendor.example/', 'no address', 'file:///etc/passwd'])(
    'sends no browser to %s',
    async (auth_url) => {
      const { status, body } = await connect(await start(), { ...asOptions(theirs), auth_url })
      expect([status, String(body['error']).startsWith('auth_url:')]).toEqual([400, true])
    },
  )

  it('shows links under the public URL where there is one, and below the prefix', async () => {
    const server = await start({ publicUrl: 'https://files.example/cloud' })
    const id = await pending(server)
    const url = `https://files.example/cloud/api/v1/backends/${id}/authorize`
    expect((await asked(server, `/api/v1/files/x?backend=${id}`)).body['authorize_url']).toBe(url)
    const { page, answer } = await begin(server, id)
    const callback = 'https://files.example/cloud/api/v1/oauth/callback'
    expect(new URL(page).searchParams.get('redirect_uri')).toBe(callback)
    expect(answer.headers.get('set-cookie')).toMatch(/; Path=\/cloud\/api\/v1\/oauth\/callback; .*; Secure$/)
    const prefixed = await start({ pathPrefix: '/files', dataDirectory: join(folder, 'other') })
    const { body } = await asked(prefixed, '/files/api/v1/backends/cloud', {
      method: 'POST',
      headers: json,
      body: '{}',
    })
    expect(JSON.stringify(body)).toContain(`"${prefixed.origin}/files/api/v1/backends/bnd_`)
  })
})

const asOptions = ({ id, secret }: typeof ours): Json => ({ client_id: id, client_secret: secret })

describe('allowing access', () => {
  it('goes to the vendor with a proof key and a state, and comes back to a backend that works', async () => {
    const server = await start()
    const id = await pending(server)
    const { answer, page, cookie } = await begin(server, id)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([302, 'no-store'])
    expect(answer.headers.get('set-cookie')).toMatch(
      /^filegate-authorize-[0-9a-f]{16}=[\w-]{43}; Path=\/api\/v1\/oauth\/callback; Max-Age=600; HttpOnly; SameSite=Lax$/,
    )
    const { origin, searchParams } = new URL(page)
    expect(origin).toBe(vendor.origin)
    expect(Object.fromEntries(searchParams)).toEqual({
      response_type: 'code',
      client_id: ours.id,
      redirect_uri: `${server.origin}/api/v1/oauth/callback`,
      scope: 'files',
      state: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      access_type: 'offline',
    })
    const callback = await atVendor(page)
    const { pathname, search } = new URL(callback)
    expect((await server.fetch(`${pathname}${search}`, { method: 'HEAD', headers: { cookie } })).status).toBe(200)
    const done = await arrive(server, callback, { cookie })
    const shown = await done.text()
    expect([done.status, done.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(done.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(shown).toContain('Demo Cloud is connected')
    expect(shown).not.toMatch(/<script>|onload=|marker/)
    expect(await read(server, id)).toEqual({ status: 200, text: 'ada' })
    expect(await statusOf(server, id)).toBe('connected')
  })

  it('speaks JSON with programs', async () => {
    const server = await start()
    const id = await pending(server)
    const accept = { accept: 'application/json' }
    const answer = await server.fetch(`/api/v1/backends/${id}/authorize`, { headers: accept })
    const { data } = (await answer.json()) as { data: { url: string } }
    expect(data).toEqual({ id, url: expect.stringContaining(`${vendor.origin}/authorize?`), expires_in: 600 })
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    const done = await arrive(server, await atVendor(data.url), { ...accept, cookie })
    expect([done.status, await done.json()]).toEqual([
      200,
      { success: true, message: 'Access was allowed, and works', data: { id, status: 'connected' } },
    ])
  })

  it('goes on after a restart, and on another process with the same state', async () => {
    const [one, other] = [await start(), await start()]
    const id = await pending(one)
    const first = await begin(one, id)
    await stop(one)
    const again = await start()
    expect((await arrive(again, await atVendor(first.page), { cookie: first.cookie })).status).toBe(200)
    expect(await read(other, id)).toEqual({ status: 200, text: 'ada' })
  })

  it('works once, and in the browser that began it only', async () => {
    const server = await start()
    const id = await pending(server)
    const mine = await begin(server, id)
    const foreign = await begin(server, id)
    const callback = await atVendor(foreign.page)
    // Somebody else's code, brought into my browser.
    const forged = await arrive(server, callback, { cookie: mine.cookie })
    expect([forged.status, await forged.text()]).toEqual([403, expect.stringContaining('in the browser')])
    expect((await arrive(server, callback, { cookie: foreign.cookie })).status).toBe(400)
    const own = await atVendor(mine.page)
    expect((await arrive(server, own, { cookie: mine.cookie })).status).toBe(200)
    expect((await arrive(server, own, { cookie: mine.cookie })).status).toBe(400)
    expect(vendor.requests).toHaveLength(1)
  })

  it('is not begun by a page of somebody else without asking', async () => {
    const server = await start()
    const id = await pending(server)
    const { answer } = await begin(server, id, { 'sec-fetch-site': 'cross-site' })
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, null])
    expect(await answer.text()).toContain('Another page may have led you here')
    // As browsers ask over plain HTTP, where they say less.
    const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
    expect((await begin(server, id, html)).answer.status).toBe(200)
    expect((await begin(server, id, { ...html, referer: 'http://evil.example/' })).answer.status).toBe(200)
    const stored = `${server.origin}/api/v1/files/evil.html`
    expect((await begin(server, id, { ...html, referer: stored })).answer.status).toBe(200)
    const ownPage = `${server.origin}/api/v1/backends/${id}/authorize`
    expect((await begin(server, id, { ...html, referer: ownPage })).answer.status).toBe(302)
    expect((await begin(server, id, { ...html, 'sec-fetch-site': 'same-origin' })).answer.status).toBe(302)
    const refused = await asked(server, `/api/v1/backends/${id}/authorize`, {
      headers: { 'sec-fetch-site': 'cross-site', accept: 'application/json' },
    })
    expect([refused.status, refused.body['code']]).toEqual([403, 'CROSS_ORIGIN'])
  })

  it('is begun by nobody who only looks, and what is wrong is said in a page', async () => {
    const server = await start()
    const id = await pending(server)
    const path = `/api/v1/backends/${id}/authorize`
    const look = await server.fetch(path, { method: 'HEAD', redirect: 'manual' })
    expect([look.status, look.headers.get('set-cookie'), look.headers.get('location')]).toEqual([200, null, null])
    const html = { accept: 'text/html' }
    const missing = await server.fetch('/api/v1/backends/bnd_0/authorize', { headers: html })
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('<p>Backend not found')])
    const { data } = (await connect(server, { key: 'x', token: await vendorToken(vendor, ours) })).body as {
      data: { id: string }
    }
    const keyed = await server.fetch(`/api/v1/backends/${data.id}/authorize`, {
      headers: { ...html, 'sec-fetch-site': 'none' },
    })
    expect([keyed.status, await keyed.text()]).toEqual([400, expect.stringContaining('logs in without a user')])
  })

  it('leads a browser to an address that somebody chose only once its user has seen that', async () => {
    const server = await start()
    const id = await pending(server, { ...asOptions(theirs), auth_url: `${vendor.origin}/authorize` })
    const typed = await begin(server, id, { 'sec-fetch-site': 'none' })
    expect([typed.answer.status, typed.answer.headers.get('set-cookie')]).toEqual([200, null])
    const shown = await typed.answer.text()
    expect(shown).toContain(`<code>${new URL(vendor.origin).host}</code>, which is no page of the vendor`)
    const { page, cookie } = await begin(server, id, { 'sec-fetch-site': 'same-origin' })
    expect((await arrive(server, await atVendor(page), { cookie })).status).toBe(200)
    const usual = await begin(server, await pending(server), { 'sec-fetch-site': 'none' })
    expect(usual.answer.status).toBe(302)
  })

  it('at such an address does not take the answer of a vendor that says who it is', async () => {
    const server = await start()
    const id = await pending(server, { ...asOptions(theirs), auth_url: `${vendor.origin}/authorize` })
    const issued = async (issuer: string): Promise<number> => {
      const { page, cookie } = await begin(server, id)
      return (await arrive(server, `${await atVendor(page)}&iss=${encodeURIComponent(issuer)}`, { cookie })).status
    }
    for (const issuer of ['https://accounts.google.com', 'nonsense']) expect(await issued(issuer)).toBe(403)
    expect(vendor.requests).toEqual([])
    expect(await issued(`${vendor.origin}/tenant`)).toBe(200)
  })

  it('is finished by one of several at once, and by nobody once the backend is gone', async () => {
    const server = await start()
    const id = await pending(server)
    const { page, cookie } = await begin(server, id)
    const callback = await atVendor(page)
    const answers = await Promise.all([1, 2, 3].map(() => arrive(server, callback, { cookie })))
    expect(answers.map(({ status }) => status).sort((one, other) => one - other)).toEqual([200, 400, 400])
    const [one, other] = [await begin(server, id), await begin(server, id)]
    const both = [one, other].map(async (begun) => arrive(server, await atVendor(begun.page), { cookie: begun.cookie }))
    const statuses = (await Promise.all(both)).map(({ status }) => status)
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true)
    expect(statuses).toContain(200)
    expect(await read(server, id)).toEqual({ status: 200, text: 'ada' })
    const late = await begin(server, id)
    const back = await atVendor(late.page)
    expect((await server.fetch(`/api/v1/backends/${id}`, { method: 'DELETE' })).status).toBe(204)
    const before = vendor.requests.length
    expect((await arrive(server, back, { cookie: late.cookie })).status).toBe(400)
    expect(vendor.requests).toHaveLength(before)
  })

  it('that was denied is shown plainly, and changes nothing', async () => {
    const server = await start()
    const id = await pending(server)
    vendor.deny = true
    const denied = await allow(server, id)
    expect([denied.status, await denied.text()]).toEqual([403, expect.stringContaining('access_denied')])
    const { page, cookie } = await begin(server, id)
    const state = new URL(page).searchParams.get('state')
    const evil = `${server.origin}/api/v1/oauth/callback?state=${state}&error=${encodeURIComponent('<script>x</script>')}`
    expect(await (await arrive(server, evil, { cookie })).text()).not.toContain('x</script>')
    expect(await statusOf(server, id)).toBe('pending')
  })

  it.each(['', '?state=x', '?code=x', '?state=x&code=', '?state=nobody&code=x', '?state=nobody&error=x'])(
    'refuses a callback that belongs to nothing: %s',
    async (search) => {
      const server = await start()
      await pending(server)
      const { status, body } = await asked(server, `/api/v1/oauth/callback${search}`, {
        headers: { accept: 'application/json' },
      })
      expect([status, body['success']]).toEqual([400, false])
    },
  )

  it('that does not work in the end leaves the backend as it was', async () => {
    const server = await start()
    const id = await pending(server, { locked: true })
    const done = await allow(server, id)
    expect([done.status, await done.text()]).toEqual([
      502,
      expect.stringMatching(/This account is locked\.[\s\S]*Try again/),
    ])
    expect(await statusOf(server, id)).toBe('pending')
  })

  it('is refused when its time is over', async () => {
    const server = await start()
    const id = await pending(server)
    const { page, cookie } = await begin(server, id)
    const callback = await atVendor(page)
    const { now } = Date
    Date.now = () => now() + 601_000
    try {
      expect((await arrive(server, callback, { cookie })).status).toBe(400)
    } finally {
      Date.now = now
    }
  })

  it('is nothing for backends that log in otherwise', async () => {
    const server = await start()
    const { data } = (await connect(server, { key: 'x', token: '{"access_token":"none"}' })).body as { data?: Json }
    expect(data).toBeUndefined()
    const { status, body } = await asked(server, '/api/v1/backends/bnd_0/authorize')
    expect([status, body['code']]).toEqual([404, 'BACKEND_NOT_FOUND'])
  })
})

describe('a backend that waits for its user', () => {
  it('takes a token, and another client meanwhile', async () => {
    const server = await start({ oauthClients: {} })
    const id = await pending(server, { client_id: 'mistyped', client_secret: 'x' })
    expect((await put(server, id, { client_secret: 'x' })).body['message']).toContain('already')
    expect((await put(server, id, asOptions(theirs))).status).toBe(200)
    expect(await statusOf(server, id)).toBe('pending')
    expect((await put(server, id, { token: 'no token' })).status).toBe(400)
    expect((await put(server, id, { token: await vendorToken(vendor, theirs) })).status).toBe(200)
    expect(await statusOf(server, id)).toBe('connected')
    expect(await read(server, id)).toEqual({ status: 200, text: 'ada' })
  })

  it('is told of a client that the vendor does not know, and of addresses that are out of reach', async () => {
    const server = await start()
    const mistyped = await pending(server, { client_id: theirs.id, client_secret: 'wrong' })
    const refused = await allow(server, mistyped)
    expect([refused.status, await refused.text()]).toEqual([502, expect.stringContaining('invalid_client')])
    const inside = { ...asOptions(theirs), token_url: 'http://169.254.169.254/token' }
    const id = await pending(server, inside)
    const guarded = await allow(server, id)
    expect([guarded.status, await guarded.text()]).toEqual([502, expect.stringContaining('never contacted')])
    expect(vendor.requests).toHaveLength(1)
  })

  it('is not finished with another client than it was begun with', async () => {
    const server = await start()
    const id = await pending(server, asOptions(theirs))
    const { page, cookie } = await begin(server, id)
    await put(server, id, asOptions(ours))
    const { status } = await arrive(server, await atVendor(page), { cookie })
    expect([status, vendor.requests.length]).toEqual([409, 0])
  })

  it('does not keep what the client was given that it had when the code was exchanged', async () => {
    const server = await start()
    const id = await pending(server, asOptions(theirs))
    const { page, cookie } = await begin(server, id)
    vendor.beforeExchange = async () => void (await put(server, id, asOptions(ours)))
    const done = await arrive(server, await atVendor(page), { cookie })
    expect([done.status, await done.text()]).toEqual([409, expect.stringMatching(/changed[\s\S]*Try again/)])
    expect([await statusOf(server, id), vendor.requests.map(({ client }) => client)]).toEqual(['pending', [theirs.id]])
  })
})

describe('who may allow access', () => {
  const accounts = parseRules(['ada:secret@/:rw', 'eve:secret@/:rw', 'bob:secret@/'])

  it('is who may change everything, and the account that began it finishes it', async () => {
    const server = await start({ accounts })
    const [ada, eve, bob] = ['ada', 'eve', 'bob'].map((name) => asAccount(`${name}:secret`))
    const { body } = await asked(server, '/api/v1/backends/cloud', {
      method: 'POST',
      headers: { ...json, ...ada },
      body: '{}',
    })
    const { id } = (body as { data: { id: string } }).data
    expect((await begin(server, id)).answer.status).toBe(401)
    expect((await begin(server, id, bob)).answer.status).toBe(403)
    const taken = await begin(server, id, ada)
    expect((await arrive(server, await atVendor(taken.page), { cookie: taken.cookie, ...eve })).status).toBe(403)
    const { page, cookie } = await begin(server, id, ada)
    const callback = await atVendor(page)
    // A browser that is asked to log in comes back with the same state.
    expect((await arrive(server, callback, { cookie })).status).toBe(401)
    expect((await arrive(server, callback, { cookie, ...bob })).status).toBe(403)
    expect((await arrive(server, callback, { cookie, ...ada })).status).toBe(200)
  })
})

describe('the client of the server', () => {
  it('is used where the caller brings none, and stored nowhere', async () => {
    const server = await start()
    const id = await connected(server)
    expect(vendor.requests).toEqual([
      { grant: 'authorization_code', client: ours.id, secret: ours.secret, outcome: 'granted' },
    ])
    const files = readdirSync(join(folder, 'data')).map((name) => readFileSync(join(folder, 'data', name), 'latin1'))
    expect(files.join()).not.toContain('marker')
    // What is stored does not hold it: with another client of the server, that one is used.
    await stop(server)
    const other = await start({ oauthClients: { cloud: { ...ours, secret: 'another' } } })
    vendor.expire()
    await read(other, id)
    expect(vendor.requests.at(-1)).toMatchObject({ client: ours.id, secret: 'another' })
  })

  it('stays out of the reach of addresses that the caller chose', async () => {
    const server = await start()
    const foreign = await startOAuthVendor()
    for (const options of [
      { token_url: `${foreign.origin}/token` },
      { auth_url: `${foreign.origin}/authorize` },
      { client_credentials: true },
      { token_url: `${foreign.origin}/token`, client_credentials: true },
      { token_url: `${foreign.origin}/token`, token: '{"access_token":"","refresh_token":"x"}' },
    ]) {
      const { status, body } = await connect(server, options)
      expect([options, status]).toEqual([options, 400])
      expect(JSON.stringify(body)).not.toContain('marker')
    }
    expect([...foreign.requests, ...vendor.requests].map(({ secret }) => secret)).not.toContain(ours.secret)
    await foreign.close()
  })

  it('gives way to the client of the caller', async () => {
    const server = await start()
    const id = await pending(server, asOptions(theirs))
    await allow(server, id)
    expect(vendor.requests.map(({ client }) => client)).toEqual([theirs.id])
  })
})

describe('a grant that was taken back', () => {
  it('turns the backend into one to be allowed anew, with the same identifier', async () => {
    const [server, other] = [await start(), await start()]
    const id = await connected(server)
    expect((await read(other, id)).status).toBe(200)
    vendor.revoke()
    const lost = await asked(server, `/api/v1/files/who.txt?backend=${id}`)
    expect(lost).toEqual({
      status: 409,
      body: {
        success: false,
        code: 'REAUTHORIZE',
        error: expect.stringContaining('taken back'),
        authorize_url: `${server.origin}/api/v1/backends/${id}/authorize`,
      },
    })
    expect([await statusOf(server, id), await statusOf(other, id)]).toEqual(['reauthorize', 'reauthorize'])
    const before = vendor.requests.length
    expect((await read(other, id)).status).toBe(409)
    expect(vendor.requests).toHaveLength(before)
    expect((await allow(other, id)).status).toBe(200)
    expect([await read(server, id), await read(other, id)]).toEqual([
      { status: 200, text: 'ada' },
      { status: 200, text: 'ada' },
    ])
    expect(await statusOf(server, id)).toBe('connected')
  })

  it('is noticed when it connects, too, and a new token brings it back', async () => {
    const server = await start()
    const [id, spare] = [await connected(server), await connected(server)]
    await stop(server)
    const again = await start()
    vendor.revoke()
    expect((await read(again, id)).status).toBe(409)
    expect((await asked(again, `/api/v1/backends/${spare}/test`)).body).toMatchObject({ success: false })
    expect([await statusOf(again, id), await statusOf(again, spare)]).toEqual(['reauthorize', 'reauthorize'])
    expect((await put(again, id, { token: '{"access_token":"bad"}' })).status).toBe(502)
    expect(await statusOf(again, id)).toBe('reauthorize')
    expect((await put(again, id, { token: await vendorToken(vendor, ours) })).status).toBe(200)
    expect(await read(again, id)).toEqual({ status: 200, text: 'ada' })
  })

  it('is none when the vendor refuses for another reason', async () => {
    const server = await start()
    const id = await connected(server)
    await stop(server)
    const without = await start({ oauthClients: {} })
    vendor.expire()
    const { status, body } = await asked(without, `/api/v1/files/who.txt?backend=${id}`)
    expect([status, body['code']]).toEqual([502, 'BACKEND_UNAUTHENTICATED'])
    expect(await statusOf(without, id)).toBe('connected')
  })
})
