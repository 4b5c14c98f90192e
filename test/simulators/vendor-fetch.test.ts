import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addressOf } from './fault-proxy.ts'
import { vendorFetch } from './vendor-fetch.ts'

interface Arrived {
  readonly line: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

let server: Server
let asked: typeof fetch
const arrived: Arrived[] = []

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await new Response(ReadableStream.from(request)).text()
  arrived.push({ line: `${request.method} ${request.url}`, headers: request.headers, body })
  const [, status, location] = /^\/redirect\/(\d+)\/(.+)$/.exec(request.url ?? '') ?? []
  if (request.url === '/circle') response.writeHead(302, { location: '/circle' }).end()
  else if (location === undefined) response.end('here')
  else response.writeHead(Number(status), { location: decodeURIComponent(location) }).end()
}

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${addressOf(server).port}`
  asked = vendorFetch({
    'api.vendor.example': endpoint,
    'content.vendor.example': endpoint,
    '*.files.example': endpoint,
  })
})
afterAll(() => server.close())
beforeEach(() => void (arrived.length = 0))

const cause = async (promise: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : error
}
const to = (status: number, location: string): string =>
  `https://api.vendor.example/redirect/${status}/${encodeURIComponent(location)}`

describe('a host of a vendor', () => {
  it('is asked at its simulator, under its name, with what was asked', async () => {
    const response = await asked('https://api.vendor.example/a%2Fb?x=1&y=%20', {
      method: 'POST',
      headers: { authorization: 'Bearer secret' },
      body: 'text',
    })
    expect(await response.text()).toBe('here')
    expect(arrived).toMatchObject([
      {
        line: 'POST /a%2Fb?x=1&y=%20',
        headers: { 'x-forwarded-host': 'api.vendor.example', 'content-length': '4', authorization: 'Bearer secret' },
        body: 'text',
      },
    ])
  })

  it('is asked with a Request, and one with a stream', async () => {
    await asked(new Request('https://one.files.example/', { method: 'PUT', body: 'text' }))
    const body = ReadableStream.from([new TextEncoder().encode('str'), new TextEncoder().encode('eam')])
    await asked('https://one.files.example/', { method: 'PUT', body, duplex: 'half' })
    expect(arrived.map(({ body }) => body)).toEqual(['text', 'stream'])
    expect(arrived[0]?.headers['x-forwarded-host']).toBe('one.files.example')
  })

  it('of no route is refused, that of a redirect too', async () => {
    expect(await cause(asked('https://www.example.com/'))).toContain('www.example.com')
    expect(await cause(asked('https://files.example/'))).toContain('files.example')
    expect(await cause(asked('https://a.b.files.example/'))).toContain('a.b.files.example')
    expect(await cause(asked('https://constructor/'))).toContain('constructor')
    expect(await cause(asked(to(302, 'https://www.example.com/')))).toContain('www.example.com')
  })
})

describe('a redirect', () => {
  it('to another host goes there without the credentials, one to the same with them', async () => {
    const headers = { authorization: 'Bearer secret', range: 'bytes=1-2' }
    await asked(to(302, 'https://content.vendor.example/x'), { headers })
    await asked(to(302, '/x'), { headers })
    const [, other, , same] = arrived.map(({ headers }) => headers)
    expect(other).toMatchObject({ 'x-forwarded-host': 'content.vendor.example', range: 'bytes=1-2' })
    expect(other).not.toHaveProperty('authorization')
    expect(same).toMatchObject({ 'x-forwarded-host': 'api.vendor.example', authorization: 'Bearer secret' })
  })

  it.each([
    [303, 'PUT', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [302, 'PUT', 'PUT', 'text'],
    [307, 'POST', 'POST', 'text'],
  ])('with %s makes %s into %s', async (status, method, then, body) => {
    await asked(to(status, '/there'), { method, body: 'text' })
    expect(arrived[1]).toMatchObject({ line: `${then} /there`, body })
  })

  it('is left to those who want it, and ends when it goes in circles', async () => {
    expect((await asked(to(302, '/x'), { redirect: 'manual' })).headers.get('location')).toBe('/x')
    expect(await cause(asked(to(302, '/x'), { redirect: 'error' }))).toBe('unexpected redirect')
    expect(await cause(asked('https://api.vendor.example/circle'))).toBe('redirect count exceeded')
    expect(arrived).toHaveLength(23)
  })
})
