import { createServer, type IncomingMessage, request as httpRequest, type Server } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { addressOf } from '../../../../test/simulators/fault-proxy.ts'
import { holdPort } from '../../../../test/simulators/held-port.ts'
import { type HttpsProxy, startHttpsProxy } from '../../../../test/simulators/https-proxy/start-https-proxy.ts'
import type { Resolve } from './agents.ts'
import type { OutboundRules } from './check-target.ts'
import { createOutbound, type Outbound } from './outbound.ts'
import { exceptionsForNode, proxyRoute } from './proxy-route.ts'
import { readProxy } from './proxy-settings.ts'

interface Arrived {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

let vendor: Server
let port: number
let proxy: HttpsProxy
const arrived: Arrived[] = []
const opened: Outbound[] = []
const trusted = getCACertificates('default')

beforeAll(async () => {
  vendor = createServer((request, response) => {
    void new Response(ReadableStream.from(request)).text().then((body) => {
      const { method, url, headers } = request
      arrived.push({ method, url, headers, body })
      const location = /^\/to\/(.*)$/.exec(url ?? '')?.[1]
      if (location === undefined) response.end('from the vendor')
      else response.writeHead(302, { location: decodeURIComponent(location) }).end()
    })
  })
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve))
  port = addressOf(vendor).port
  const endpoint = `http://127.0.0.1:${port}`
  proxy = await startHttpsProxy({ routes: { 'api.vendor.example': endpoint }, login: 'user:pass word' })
  setDefaultCACertificates([...trusted, proxy.certificate])
})
afterAll(async () => {
  setDefaultCACertificates(trusted)
  await proxy.close()
  vendor.closeAllConnections()
  vendor.close()
})
beforeEach(() => void (arrived.length = 0))
afterEach(async () => {
  for (const outbound of opened.splice(0)) await outbound.close()
})

/** Names that are resolved here; others are not. */
const resolve: Resolve = (name, found) => {
  const inside = ['direct.example', 'below.direct.example'].includes(name)
  found(inside ? null : new Error(`There is no ${name} here.`), inside ? [{ address: '127.0.0.1', family: 4 }] : [])
}

function through(url = proxy.url, exceptions: readonly string[] = [], rules: Partial<OutboundRules> = {}): Outbound {
  const outbound = createOutbound(
    { privateNetwork: false, proxy: { http: url, https: url, exceptions }, ...rules },
    resolve,
  )
  opened.push(outbound)
  return outbound
}

/** Both ways in which drivers ask: `fetch`, and the agents that libraries are given. */
const ways = {
  fetch: async ({ fetch }: Outbound, url: string): Promise<string> => (await fetch(url)).text(),
  agents: ({ agents }: Outbound, url: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = url.startsWith('https:')
        ? httpsRequest(url, { agent: agents.https })
        : httpRequest(url, { agent: agents.http })
      asked.on('response', (response) => void new Response(ReadableStream.from(response)).text().then(resolve, reject))
      asked.on('error', reject).end()
    }),
} as const

const reason = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.then(
    (text) => new Error(`It went through: ${String(text)}`),
    (error: unknown) => error,
  )
  if (!(error instanceof Error)) return String(error)
  return `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}`
}

describe.each(['fetch', 'agents'] as const)('a request with %s, behind a proxy', (name) => {
  const ask = ways[name]

  it.each(['https', 'http'])('over %s goes through the proxy, with its login', async (protocol) => {
    const outbound = through()
    for (const path of ['/a%2Fb?c=d', '/again']) {
      expect(await ask(outbound, `${protocol}://api.vendor.example${path}`)).toBe('from the vendor')
    }
    expect(arrived).toMatchObject([{ url: '/a%2Fb?c=d' }, { url: '/again' }])
    expect(arrived[0]?.headers).toMatchObject({
      'x-forwarded-host': 'api.vendor.example',
      'x-forwarded-proto': protocol,
    })
    expect(arrived[0]?.headers).not.toHaveProperty('proxy-authorization')
  })

  it.each([
    ['http://127.0.0.1/', 'private'],
    ['https://10.1.2.3/', 'private'],
    ['https://[fd00::1]/', 'private'],
    ['https://[::ffff:10.0.0.1]/', 'private'],
    ['https://printer/', 'private'],
    ['https://wiki.corp/', 'private'],
    ['https://db.internal./', 'private'],
    ['https://vault.default.svc/', 'private'],
    ['https://vault.service.consul/', 'private'],
    ['https://169.254.169.254/', 'never contacted'],
    ['http://169.254.169.254/', 'never contacted'],
    ['http://metadata.google.internal/', 'never contacted'],
    ['http://2852039166/', 'never contacted'],
    ['https://１６９.254.169.254/', 'never contacted'],
  ])('to %s is refused before the proxy is asked', async (url, expected) => {
    const before = proxy.tunnels.length
    expect(await reason(ask(through(), url))).toContain(expected)
    expect(proxy.tunnels).toHaveLength(before)
    expect(arrived).toEqual([])
  })

  it('to this machine goes directly, where that is allowed', async () => {
    const before = proxy.tunnels.length
    const outbound = through(proxy.url, [], { privateNetwork: true })
    expect(await ask(outbound, `http://127.0.0.1:${port}/`)).toBe('from the vendor')
    expect(arrived[0]?.headers).not.toHaveProperty('x-forwarded-host')
    expect(proxy.tunnels).toHaveLength(before)
  })

  it('to an exception goes directly, and by the full rules', async () => {
    for (const exception of ['direct.example', '.direct.example', '*.direct.example', 'DIRECT.example.', '*']) {
      const strict = through(proxy.url, ['elsewhere.example', exception])
      expect(await reason(ask(strict, `http://below.direct.example:${port}/`))).toContain('127.0.0.1 is private')
      const open = through(proxy.url, [exception], { privateNetwork: true })
      expect(await ask(open, `http://below.direct.example:${port}/`)).toBe('from the vendor')
    }
    expect(arrived.every(({ headers }) => headers['x-forwarded-host'] === undefined)).toBe(true)
  })

  it('says what the proxy did not let it do', async () => {
    expect(await reason(ask(through(), 'https://www.example.com/'))).toMatch(/answered 502 .* www\.example\.com:443/)
    const stranger = new URL(proxy.url)
    stranger.password = 'wrong'
    expect(await reason(ask(through(stranger.href), 'https://api.vendor.example/'))).toMatch(
      /answered 407.*wants a login/,
    )
    const held = await holdPort()
    onTestFinished(held.release)
    const nobody = `http://127.0.0.1:${held.port}/`
    expect(await reason(ask(through(nobody), 'https://api.vendor.example/'))).toContain(
      'proxy of this server could not be reached',
    )
  })
})

describe('agents behind a proxy', () => {
  it.each(['127.0.0.1%00', 'a.example b', 'a.example:x'])('ask it for no host %j', async (host) => {
    const { agents } = through()
    const asked = new Promise((resolve, reject) => {
      agents.https.createConnection({ host, port: 443 }, (error, stream) => (error ? reject(error) : resolve(stream)))
    })
    expect(await reason(asked)).toContain('no name of a host')
  })
})

describe('fetch behind a proxy', () => {
  it('follows redirects by the same rules', async () => {
    const { fetch } = through()
    const to = (url: string): string => `https://api.vendor.example/to/${encodeURIComponent(url)}`
    expect(await (await fetch(to('http://api.vendor.example/there'))).text()).toBe('from the vendor')
    expect(await reason(fetch(to('http://169.254.169.254/')))).toContain('never contacted')
    expect(await reason(fetch(to('https://printer/')))).toContain('private')
  })

  it('sends bodies as they were given: with their length where that is known', async () => {
    const { fetch } = through()
    const bodies = ['text', new URLSearchParams({ a: 'b' }), new TextEncoder().encode('bytes'), new Blob(['blob'])]
    for (const body of bodies) await fetch('https://api.vendor.example/', { method: 'POST', body })
    const form = new FormData()
    form.set('name', 'value')
    await fetch('https://api.vendor.example/', { method: 'POST', body: form })
    await fetch(new Request('https://api.vendor.example/', { method: 'PUT', body: 'request' }))
    const stream = ReadableStream.from([new TextEncoder().encode('stream')])
    await fetch('https://api.vendor.example/', { method: 'PUT', body: stream, duplex: 'half' })
    expect(arrived.map(({ body }) => body)).toEqual([
      'text',
      'a=b',
      'bytes',
      'blob',
      expect.stringContaining('name="name"'),
      'request',
      'stream',
    ])
    expect(arrived.slice(0, 3).map(({ headers }) => headers['content-length'])).toEqual(['4', '3', '5'])
    expect(arrived[1]?.headers['content-type']).toContain('application/x-www-form-urlencoded')
    expect(arrived[4]?.headers['content-type']).toContain('multipart/form-data')
  })
})

describe('the proxy of the server', () => {
  const url = 'http://proxy.example:3128/'

  it('is what was chosen, or else what the environment names, names in lower case first', () => {
    const variables = { HTTPS_PROXY: 'http://upper.example', https_proxy: url, NO_PROXY: 'a.example, .b.example  c' }
    const exceptions = ['a.example', '.b.example', 'c']
    expect(readProxy(undefined, variables)).toEqual({ https: url, http: undefined, exceptions })
    expect(readProxy('proxy.example:3128', { NO_PROXY: '*' })).toEqual({ https: url, http: url, exceptions: ['*'] })
    expect(readProxy('none', variables)).toBeUndefined()
    expect(readProxy(undefined, { HTTPS_PROXY: '', NO_PROXY: '*' })).toBeUndefined()
    expect(readProxy(undefined, { http_proxy: 'proxy.example:3128' })).toMatchObject({ http: url, https: undefined })
  })

  it('is one of HTTP; what is wrong with it is said without its password', () => {
    for (const wrong of ['socks5://u:secret@x', 'http://u:secret@', '', 'ftp://u:secret@x']) {
      expect(() => readProxy(wrong, {})).toThrow(/^takes the address of an HTTP proxy/)
      expect(() => readProxy(wrong, {})).not.toThrow(/secret/)
    }
    expect(() => readProxy(undefined, { HTTPS_PROXY: 'socks5://x' })).toThrow(/^HTTPS_PROXY takes/)
  })

  it.each([
    ['10.0.0.0/8', '10.255.0.1', 443, true],
    ['10.0.0.0/8', '11.0.0.1', 443, false],
    ['192.168.1.10-192.168.1.20', '192.168.1.15', 443, true],
    ['192.168.1.10-192.168.1.20', '192.168.1.21', 443, false],
    ['fd00::/8', '[fd12::1]', 443, true],
    ['fd12::1', 'fd12:0::1', 443, true],
    ['a.example:8443', 'a.example', 8443, true],
    ['a.example:8443', 'a.example', 443, false],
    ['a.example', 'ba.example', 443, false],
    ['.a.example', 'a.example', 443, true],
    ['1.2.3.4', '1.2.3.4', 443, true],
    ['2.3.4', '1.2.3.4', 443, false],
    ['10.0.0.0/99', '10.0.0.0', 443, false],
    ['', 'a.example', 443, false],
  ])('has exceptions: %s holds for %s port %i: %s', (entry, host, port, expected) => {
    const route = proxyRoute({ https: url, exceptions: [entry] })
    expect(route({ protocol: 'https:', host, port }) === undefined).toBe(expected)
  })

  it('tells the agents of Node of its exceptions in their terms', () => {
    const exceptions = [
      '10.1.2.3/8',
      '172.16.0.0/12',
      '*.a.example',
      '.b.example',
      'c.example:81',
      'd.example',
      '0.0.0.0/0',
    ]
    expect(exceptionsForNode({ exceptions }).split(',').slice(4)).toEqual([
      '10.0.0.0-10.255.255.255',
      '172.16.0.0-172.31.255.255',
      '.a.example',
      '.b.example',
      'c.example:81',
      '.d.example',
      '0.0.0.0-255.255.255.255',
    ])
    expect(exceptionsForNode({ exceptions: [] })).toBe('.localhost,127.0.0.0-127.255.255.255,::1,[::1]')
  })
})
