import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Settings, type StartOptions } from '@filegate/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseRules } from '../../packages/server/src/access/rules.ts'
import { type DemoProvider, demoProvider } from '../../packages/server/src/backends/testing/demo-provider.ts'
import { startEmulator } from '../../packages/driver-s3/src/testing/emulator.ts'
import { allowAll, serve, type Serving } from './serving.ts'

let folder: string
let demo: DemoProvider
const running: Serving[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'filegate-e2e-backends-'))
  demo = demoProvider()
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
  rmSync(folder, { recursive: true })
})

const tree = { 'here.txt': 'here' }

/** Several may run on the same state, as the processes of one server do. */
async function start(changes: Partial<Settings> = {}): Promise<Serving> {
  const settings = { dataDirectory: join(folder, 'data'), ...changes }
  const server = await serve(tree, settings, { providers: { demo: async () => demo.definition } })
  running.push(server)
  return server
}

const options = { endpoint: 'https://demo.example', user: 'ada', password: 'marker-secret' }
const json = { 'content-type': 'application/json' }

const connect = (server: Serving, body: unknown = options, headers: Record<string, string> = {}): Promise<Response> =>
  server.fetch('/api/v1/backends/demo', {
    method: 'POST',
    headers: { ...json, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

const rotate = (server: Serving, id: string, body: unknown): Promise<Response> =>
  server.fetch(`/api/v1/backends/${id}`, { method: 'PUT', headers: json, body: JSON.stringify(body) })

async function idOf(response: Response): Promise<string> {
  const { data } = (await response.json()) as { data: { id: string } }
  return data.id
}

const as = (login: string): Record<string, string> => ({ authorization: `Basic ${btoa(login)}` })

describe('connecting', () => {
  it('answers 201 with exactly the documented body, and the backend can be read at once', async () => {
    const server = await start()
    const response = await connect(server)
    expect([response.status, response.headers.get('content-type')]).toEqual([201, 'application/json; charset=utf-8'])
    const text = await response.clone().text()
    const id = await idOf(response)
    expect(id).toMatch(/^bck_[0-9a-f]{16}$/)
    expect(text).toBe(
      `{"success":true,"message":"Backend connected successfully","data":{"id":"${id}","backend_type":"demo","type":"object_storage","mount_paths":[]}}`,
    )
    expect(await (await server.fetch(`/api/v1/files/who.txt?backend=${id}`)).text()).toBe('ada')
  })

  it.each([
    ['no JSON', '{"endpoint": "marker', {}, 400, 'INVALID_JSON'],
    ['no object', '[1]', {}, 400, 'INVALID_JSON'],
    ['nothing', '', {}, 400, 'INVALID_JSON'],
    ['a form', 'endpoint=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['text that a page may send anywhere', '{}', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['too much', JSON.stringify({ password: 'x'.repeat(65_536) }), {}, 413, 'PAYLOAD_TOO_LARGE'],
    ['a member for the prototype', '{"endpoint":"https://x","__proto__":{"user":"x"}}', {}, 400, 'INVALID_PARAMETER'],
    ['options that are wrong', '{"endpoint":5,"what":1}', {}, 400, 'INVALID_PARAMETER'],
    ['credentials that are refused', { ...options, password: 'wrong-marker' }, {}, 400, 'CONNECTION_FAILED'],
  ])('refuses %s, and stores nothing', async (_what, body, headers, status, code) => {
    const server = await start()
    const response = await connect(server, body, headers)
    const answer = await response.json()
    expect([response.status, answer]).toEqual([status, { success: false, error: expect.any(String), code }])
    expect(JSON.stringify(answer)).not.toContain('marker')
    expect(await (await server.fetch('/api/v1/backends')).json()).toEqual({ backends: [], count: 0 })
  })

  it('names the providers there are when it is asked for another', async () => {
    const server = await start()
    const response = await server.fetch('/api/v1/backends/nope', { method: 'POST', headers: json, body: '{}' })
    expect([response.status, await response.json()]).toEqual([
      404,
      { success: false, error: 'There is no provider "nope". The providers are: demo.', code: 'NOT_FOUND' },
    ])
  })

  it('is refused to web pages of other origins, and allowed to our own', async () => {
    const server = await start()
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]) {
      const response = await connect(server, options, headers)
      expect([response.status, await response.json()]).toMatchObject([403, { code: 'CROSS_ORIGIN' }])
    }
    expect((await connect(server, options, { origin: server.origin })).status).toBe(201)
    expect((await connect(server, options, { 'sec-fetch-site': 'same-origin' })).status).toBe(201)
    expect((await connect(server, options, { 'sec-fetch-site': 'none' })).status).toBe(201)
  })
})

describe('who may manage backends', () => {
  const requests = [
    ['GET', '/api/v1/backends'],
    ['GET', '/api/v1/backends/bck_0'],
    ['GET', '/api/v1/backends/bck_0/test'],
    ['POST', '/api/v1/backends/demo'],
    ['PUT', '/api/v1/backends/bck_0'],
    ['DELETE', '/api/v1/backends/bck_0'],
    ['GET', '/api/v1/providers'],
    ['GET', '/api/v1/providers/demo'],
  ] as const

  it.each(requests)('is nobody without --allow-remote: %s %s', async (method, path) => {
    const server = await start({ allow: { ...allowAll, remote: false } })
    const response = await server.fetch(path, { method, headers: json, ...(method.startsWith('P') && { body: '{}' }) })
    expect([response.status, await response.json()]).toMatchObject([403, { success: false, code: 'REMOTE_DISABLED' }])
    expect(readdirSync(folder)).toEqual([])
  })

  it.each(requests)('is who may change everything: %s %s', async (method, path) => {
    const server = await start({
      accounts: parseRules(['ann:pw@/:rw', 'bob:pw@/,/inbox:rw,backend:*/:rw', '@/public']),
    })
    const statusFor = async (headers: Record<string, string>): Promise<number> => {
      const body = method.startsWith('P') ? { body: '{}' } : {}
      return (await server.fetch(path, { method, headers: { ...json, ...headers }, ...body })).status
    }
    expect([await statusFor({}), await statusFor(as('bob:pw'))]).toEqual([401, 403])
    expect([200, 400, 404]).toContain(await statusFor(as('ann:pw')))
  })

  it('says who reads a backend by rules of its own', async () => {
    const first = await start()
    const id = await idOf(await connect(first))
    const other = await idOf(await connect(first))
    const rules = ['ann:pw@/:rw', `bob:pw@/public,backend:${id}/`, `eve:pw@backend:*/slow.txt`, 'tom:pw@/']
    const server = await start({ accounts: parseRules(rules) })
    const status = async (login: string, path: string, backend: string): Promise<number> =>
      (await server.fetch(`/api/v1/files/${path}?backend=${backend}`, { headers: as(`${login}:pw`) })).status
    expect(await status('ann', 'who.txt', other)).toBe(200)
    expect([await status('bob', 'who.txt', id), await status('bob', 'who.txt', other)]).toEqual([200, 403])
    expect([await status('eve', 'slow.txt', id), await status('eve', 'who.txt', id)]).toEqual([200, 403])
    expect(await status('tom', 'who.txt', id)).toBe(403)
    const listing = await server.fetch(`/api/v1/files/?backend=${id}`, { headers: as('eve:pw') })
    expect(await listing.text()).not.toContain('who.txt')
  })
})

describe('a connected backend', () => {
  it('is listed and shown without its secrets', async () => {
    const server = await start()
    const id = await idOf(await connect(server, { ...options, endpoint: 'https://a:marker@host/p?k=marker' }))
    const { backends, count } = (await (await server.fetch('/api/v1/backends')).json()) as Record<string, unknown>
    expect(count).toBe(1)
    const item = {
      id,
      backend_type: 'demo',
      type: 'object_storage',
      title: 'Demo Store',
      description: '',
      server: 'https://host/p',
      user: 'ada',
      connected: true,
      status: 'connected',
      mount_paths: [],
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      last_used: null,
    }
    expect(backends).toEqual([item])
    expect(await (await server.fetch(`/api/v1/backends/${id}`)).json()).toEqual(item)
  })

  it('lives on after a restart, and in every process at once', async () => {
    const first = await start()
    const id = await idOf(await connect(first))
    await Promise.all(running.splice(0).map((server) => server.stop()))
    const [one, other] = await Promise.all([start(), start()])
    const read = async (server: Serving): Promise<string> =>
      (await server.fetch(`/api/v1/files/who.txt?backend=${id}`)).text()
    expect([await read(one), await read(other)]).toEqual(['ada', 'ada'])
    const removed = await one.fetch(`/api/v1/backends/${id}`, { method: 'DELETE' })
    expect([removed.status, await removed.text()]).toEqual([204, ''])
    for (const server of [one, other]) {
      const response = await server.fetch(`/api/v1/files/who.txt?backend=${id}`)
      expect([response.status, await response.json()]).toEqual([
        404,
        { success: false, error: `Backend not found: ${id}`, code: 'BACKEND_NOT_FOUND' },
      ])
    }
    expect((await one.fetch(`/api/v1/backends/${id}`, { method: 'DELETE' })).status).toBe(404)
  })

  it('gets other credentials when they work, and keeps the old ones when not', async () => {
    const server = await start()
    const id = await idOf(await connect(server))
    const same = await rotate(server, id, { password: 'marker-secret' })
    expect([same.status, demo.connected.length]).toEqual([200, 1])
    const refused = await rotate(server, id, { password: 'wrong-marker' })
    expect([refused.status, await refused.json()]).toEqual([
      502,
      { success: false, error: expect.stringContaining('[redacted]'), code: 'PROBE_FAILED' },
    ])
    const changed = await rotate(server, id, { password: 'new-marker' })
    expect([changed.status, await changed.json()]).toEqual([200, { success: true, message: expect.any(String) }])
    expect((await rotate(server, id, { endpoint: 'https://other' })).status).toBe(400)
    expect((await rotate(server, id, { password: 'x'.repeat(17_000) })).status).toBe(413)
    expect((await rotate(server, 'bck_0', { password: 'x' })).status).toBe(404)
    expect(demo.connected.map(({ password }) => password)).toEqual(['marker-secret', 'wrong-marker', 'new-marker'])
  })

  it('can be tested', async () => {
    const server = await start()
    const id = await idOf(await connect(server))
    const response = await server.fetch(`/api/v1/backends/${id}/test`)
    expect([response.status, await response.json()]).toEqual([
      200,
      { success: true, id, status: 'connected', message: expect.any(String) },
    ])
  })

  it('leaves no secret in any answer, on standard error, in the access log or in the state', async () => {
    const errors: string[] = []
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      errors.push(String(text))
      return true
    })
    try {
      const logFile = join(folder, 'access.log')
      const server = await start({ logFile, logFormat: '$remote_addr "$request" $status $http_authorization' })
      const answers = await Promise.all([
        connect(server),
        connect(server, { ...options, password: 'wrong-marker' }),
        connect(server, { ...options, endpoint: 'crash' }),
        connect(server, { ...options, passwort: 'marker-typed-wrong' }),
      ])
      const texts = await Promise.all(answers.map((answer) => answer.clone().text()))
      const id = await idOf(answers[0])
      for (const response of [
        await rotate(server, id, { password: 'wrong-marker' }),
        await rotate(server, id, { password: 'next-marker' }),
        await server.fetch('/api/v1/backends'),
        await server.fetch(`/api/v1/backends/${id}`),
        await server.fetch(`/api/v1/backends/${id}/test`),
        await server.fetch(`/api/v1/files/?backend=${id}`),
      ]) {
        texts.push(await response.text())
      }
      await Promise.all(running.splice(0).map((one) => one.stop()))
      const data = join(folder, 'data')
      const files = [logFile, ...readdirSync(data).map((name) => join(data, name))]
      const stored = files.map((path) => readFileSync(path, 'latin1')).join()
      expect(stored).toContain(id)
      expect(errors.join()).toContain('cannot use [redacted]')
      expect(`${texts.join()}${errors.join()}${stored}`).not.toContain('marker')
    } finally {
      spy.mockRestore()
    }
  })
})

describe('a method that is not there', () => {
  it.each([
    ['PATCH', '/api/v1/backends/x', 'GET, HEAD, POST, PUT, DELETE, OPTIONS'],
    ['POST', '/api/v1/backends', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/api/v1/providers/s3', 'GET, HEAD, OPTIONS'],
  ])('is answered with those that are: %s %s', async (method, path, allowed) => {
    const response = await (await start()).fetch(path, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, allowed])
  })
})

describe('the providers', () => {
  it('are described as a form needs them', async () => {
    const server = await start()
    const described = {
      slug: 'demo',
      backend_type: 'demo',
      title: 'Demo Store',
      category: 'object_storage',
      proof: 'simulator',
    }
    expect(await (await server.fetch('/api/v1/providers')).json()).toEqual({ providers: [described], count: 1 })
    const one = await (await server.fetch('/api/v1/providers/demo')).json()
    expect(one).toMatchObject({
      ...described,
      options: {
        type: 'object',
        additionalProperties: false,
        required: ['endpoint'],
        properties: { password: { type: 'string', secret: true }, fast: { type: 'boolean', default: false } },
      },
    })
    expect((await server.fetch('/api/v1/providers/nope')).status).toBe(404)
  })
})

describe('s3', () => {
  const connectTo = (server: Serving, endpoint: string): Promise<Response> =>
    server.fetch('/api/v1/backends/s3', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ provider: 'Other', endpoint, access_key_id: 'any', secret_access_key: 'marker-secret' }),
    })

  async function startPlain(options: StartOptions = {}, changes: Partial<Settings> = {}): Promise<Serving> {
    const server = await serve(tree, { dataDirectory: join(folder, 'data'), ...changes }, options)
    running.push(server)
    return server
  }

  it('is connected, listed and read in part', async () => {
    const emulator = await startEmulator('photos')
    try {
      await emulator.put('photos', 'deep/cat.txt', Buffer.from('meow, said the cat'))
      const server = await startPlain()
      const response = await connectTo(server, `http://127.0.0.1:${emulator.port}`)
      expect([response.status, await response.clone().json()]).toMatchObject([201, { data: { backend_type: 's3' } }])
      const id = await idOf(response)
      const listing = await server.fetch(`/api/v1/files/photos/deep?backend=${id}`)
      expect(await listing.text()).toContain('"cat.txt"')
      const part = await server.fetch(`/api/v1/files/photos/deep/cat.txt?backend=${id}`, {
        headers: { range: 'bytes=6-9' },
      })
      expect([part.status, await part.text()]).toEqual([206, 'said'])
      expect(await (await server.fetch(`/api/v1/backends/${id}/test`)).json()).toMatchObject({ status: 'connected' })
    } finally {
      await emulator.close()
    }
  })

  it.each([
    ['http://127.0.0.1:1', 'could not be reached'],
    ['http://169.254.169.254', 'never contacted'],
    ['http://[::ffff:a9fe:a9fe]', 'never contacted'],
    ['http://0xa9fea9fe', 'never contacted'],
  ])('that cannot be reached at %s is a 400 that says why', async (endpoint, reason) => {
    const response = await connectTo(await startPlain(), endpoint)
    expect([response.status, await response.json()]).toEqual([
      400,
      { success: false, error: expect.stringContaining(reason), code: 'CONNECTION_FAILED' },
    ])
  })

  it('is not looked for in the private network when others than this machine are served', async () => {
    const listen = [{ host: '0.0.0.0', port: 0 }]
    const answer = await (await connectTo(await startPlain({}, { listen }), 'http://127.0.0.1:1')).json()
    expect(answer).toMatchObject({ error: expect.stringContaining('--allow-private-network') })
    const allowed = await startPlain({}, { listen, privateNetwork: true })
    expect(await (await connectTo(allowed, 'http://127.0.0.1:1')).json()).toMatchObject({
      error: expect.stringContaining('could not be reached'),
    })
  })

  it('that hangs ends in a 400', async () => {
    // Accepts connections and never says anything.
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const response = await connectTo(await startPlain({ patience: 300 }), `http://127.0.0.1:${port}`)
    expect([response.status, await response.json()]).toEqual([
      400,
      { success: false, error: expect.stringContaining('did not answer within 0.3 s'), code: 'CONNECTION_FAILED' },
    ])
    silent.close()
  })
})
