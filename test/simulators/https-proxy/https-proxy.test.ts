import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, request as httpRequest, type Server, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addressOf } from '../fault-proxy.ts'
import { type HttpsProxy, startHttpsProxy } from './start-https-proxy.ts'

const mebibyte = 1_048_576

interface Arrived {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
}

let simulator: Server
let endpoint: string
let proxy: HttpsProxy
const arrived: Arrived[] = []

/** What it was sent it answers with its digest; what is asked of it is 64 MB, a part, or the beginning and no more. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '', headers } = request
  arrived.push({ method, url, headers })
  if (method === 'PUT') {
    const digest = createHash('sha256')
    for await (const chunk of request) digest.update(chunk)
    response.end(digest.digest('hex'))
    return
  }
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
  if (first !== undefined) {
    response.writeHead(206, { 'content-range': `bytes ${first}-${last}/100` }).end('part')
    return
  }
  response.writeHead(200, { 'content-length': 64 * mebibyte })
  response.write(Buffer.alloc(mebibyte))
  if (url === '/cut') setTimeout(() => request.socket.destroy(), 20)
  else if (url !== '/slow') response.end(Buffer.alloc(63 * mebibyte))
}

beforeAll(async () => {
  simulator = createServer((request, response) => void answer(request, response).catch(() => response.destroy()))
  simulator.on('checkContinue', (request, response) => {
    if (request.url === '/refused') response.writeHead(403, { 'content-length': '0' }).end()
    else {
      response.writeContinue()
      simulator.emit('request', request, response)
    }
  })
  await new Promise<void>((resolve) => simulator.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${addressOf(simulator).port}`
  proxy = await startHttpsProxy({ routes: { 'api.vendor.example': endpoint, '*.files.example': endpoint } })
})
afterAll(async () => {
  await proxy.close()
  simulator.closeAllConnections()
  simulator.close()
})
beforeEach(() => void (arrived.length = 0))

/** A socket through the proxy, and what the proxy said to that. */
function tunnel(
  authority: string,
  { url } = proxy,
  headers = {},
): Promise<{ status?: number | undefined; socket: Duplex }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const asked = httpRequest({ host: hostname, port, method: 'CONNECT', path: authority, headers })
    asked.on('connect', ({ statusCode: status }, socket) => resolve({ status, socket }))
    asked.on('error', reject).end()
  })
}

/** A request as any client would make it. */
async function ask(host: string, path: string, options: object = {}) {
  const { socket } = await tunnel(`${host}:443`)
  const secured = connectTls({ socket, servername: host, ca: proxy.certificate })
  return httpsRequest({ host, path, createConnection: () => secured, ...options })
}

const node = async (program: string, extra: Record<string, string>): Promise<string> => {
  // Whatever proxy there is for the network of the machine.
  const usual = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)))
  const env = { ...usual, NODE_USE_ENV_PROXY: '1', NODE_EXTRA_CA_CERTS: proxy.caFile, ...extra }
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { env })
  return (await run).stdout
}

describe('what a client sends through the proxy', () => {
  it('is answered by the simulator of the host: Node fetches large bodies, both ways, and ranges', async () => {
    const program = `
      import { createHash } from 'node:crypto'
      const all = await fetch('https://api.vendor.example/a%2Fb?x=%20')
      let length = 0
      for await (const chunk of all.body) length += chunk.length
      const part = await fetch('https://one.files.example/', { headers: { range: 'bytes=3-6' } })
      const sha256 = createHash('sha256')
      async function* content() {
        for (let place = 0; place < 48; place++) {
          const block = Buffer.alloc(1048576, place)
          sha256.update(block)
          yield block
        }
      }
      const put = await fetch('https://api.vendor.example/p', { method: 'PUT', body: ReadableStream.from(content()), duplex: 'half' })
      const sent = (await put.text()) === sha256.digest('hex')
      const other = await fetch('https://other.example/').then(() => 'reached', ({ cause }) => cause.message)
      console.log(JSON.stringify({ length, part: [part.status, part.headers.get('content-range'), await part.text()], sent, other }))`
    const printed = JSON.parse(await node(program, { HTTPS_PROXY: proxy.url }))
    expect(printed).toMatchObject({ length: 64 * mebibyte, part: [206, 'bytes 3-6/100', 'part'], sent: true })
    expect(printed.other).not.toBe('reached')
    expect(arrived).toMatchObject([
      { url: '/a%2Fb?x=%20', headers: { 'x-forwarded-host': 'api.vendor.example', 'x-forwarded-proto': 'https' } },
      { url: '/', headers: { 'x-forwarded-host': 'one.files.example' } },
      { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } },
    ])
    expect(arrived[0]?.headers.host).toBe(new URL(endpoint).host)
    expect(proxy.tunnels).toContain('other.example:443')
  })

  it('waits with its body until the simulator wants it', async () => {
    const answers = await Promise.all(
      ['/wanted', '/refused'].map(async (path) => {
        const headers = { expect: '100-continue', 'content-length': '4' }
        const asked = await ask('api.vendor.example', path, { method: 'PUT', headers })
        let isWanted = false
        asked.on('continue', () => {
          isWanted = true
          asked.end('text')
        })
        asked.flushHeaders()
        const status = await new Promise((resolve) => asked.on('response', ({ statusCode }) => resolve(statusCode)))
        asked.destroy()
        return { status, isWanted }
      }),
    )
    expect(answers).toEqual([
      { status: 200, isWanted: true },
      { status: 403, isWanted: false },
    ])
  })

  it('breaks off where the simulator breaks off', async () => {
    const asked = await ask('api.vendor.example', '/cut')
    const broken = new Promise((resolve) =>
      asked.on('response', (response) => response.on('error', ({ message }) => resolve(message)).resume()),
    )
    // The request may hear of it as well.
    asked.on('error', () => asked.destroy())
    asked.end()
    expect(await broken).toBe('aborted')
  })

  it('ends at the simulator when the client goes away', async () => {
    const gone = new Promise((resolve) => simulator.once('request', ({ socket }) => socket.once('close', resolve)))
    const asked = await ask('api.vendor.example', '/slow')
    asked.on('response', (response) => response.once('data', () => asked.destroy()))
    asked.on('error', () => asked.destroy())
    asked.end()
    await gone
    expect(arrived).toHaveLength(1)
  })

  it('is refused for hosts and ports that no simulator stands for', async () => {
    for (const authority of ['www.example.com:443', 'files.example:443', 'api.vendor.example:22', '127.0.0.1:443']) {
      const { status, socket } = await tunnel(authority)
      expect(status).toBe(502)
      socket.destroy()
    }
  })

  it('is refused inside a tunnel for another host than the simulators stand for', async () => {
    const asked = await ask('api.vendor.example', '/', { headers: { host: 'www.example.com' } })
    const status = new Promise((resolve) => asked.on('response', ({ statusCode }) => resolve(statusCode)))
    asked.end()
    expect(await status).toBe(502)
    expect(arrived).toEqual([])
  })
})

describe('the proxy', () => {
  it('is trusted by nobody who was not told to', async () => {
    const { socket } = await tunnel('api.vendor.example:443')
    const error = new Promise((resolve) =>
      connectTls({ socket, servername: 'api.vendor.example' }).on('error', ({ message }) => resolve(message)),
    )
    expect(await error).toMatch(/certificate/)
  })

  it('lets in only those who log in, when it has a login', async () => {
    const guarded = await startHttpsProxy({ routes: { 'api.vendor.example': endpoint }, login: 'user:pass word' })
    try {
      const headers = { 'proxy-authorization': `Basic ${Buffer.from('user:pass word').toString('base64')}` }
      for (const [given, expected] of [
        [{}, 407],
        [headers, 200],
      ] as const) {
        const { status, socket } = await tunnel('api.vendor.example:443', guarded, given)
        expect(status).toBe(expected)
        socket.destroy()
      }
      expect(new URL(guarded.url).username).toBe('user')
    } finally {
      await guarded.close()
    }
    expect(existsSync(guarded.caFile)).toBe(false)
  })
})
