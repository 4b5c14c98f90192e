import { type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { findRoute, type VendorRoutes } from '../vendor-routes.ts'

/** Headers that are for one connection only (RFC 9110, 7.6.1), and those that are said anew. */
const dropped = new Set(['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'host', 'upgrade'])

/** Hands a request for a vendor to its simulator, and the answer back, both as they come. */
export function forward(
  routes: VendorRoutes,
  protocol: 'http' | 'https',
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const asked = targetOf(protocol, incoming)
  const endpoint = asked && findRoute(routes, asked.hostname)
  if (!asked || endpoint === undefined)
    return refuse(outgoing, `The test knows no host ${asked?.host ?? 'of that name'}.`)
  const headers = kept(incoming.rawHeaders)
  headers.push('x-forwarded-host', asked.host, 'x-forwarded-proto', protocol)
  const { method } = incoming
  // As it was written: what percent signs stand for is the simulator's to say.
  const path = `${incoming.url}`.replace(/^https?:\/\/[^/?]*/i, '') || '/'
  const { hostname: host, port } = new URL(endpoint)
  const passed = httpRequest({
    host,
    port,
    method,
    path,
    headers: ['host', `${host}:${port}`, ...headers],
    agent: false,
  })

  let isAnswered = false
  passed.on('continue', () => outgoing.writeContinue())
  passed.on('response', (response) => {
    isAnswered = true
    outgoing.writeHead(response.statusCode ?? 502, response.statusMessage, kept(response.rawHeaders))
    // So that those who wait for the first byte of a slow body know that it is coming.
    outgoing.flushHeaders()
    // An answer that breaks off breaks off there, too.
    pipeline(response, outgoing, () => incoming.resume())
  })
  passed.on('error', (error) => {
    incoming.unpipe(passed)
    incoming.resume()
    if (!isAnswered) refuse(outgoing, `The simulator did not answer: ${error.message}`)
  })
  outgoing.on('close', () => passed.destroy())
  incoming.on('error', () => passed.destroy())
  // Headers that are flushed leave as UTF-8; bytes beyond ASCII stay what they are only when they go with the body.
  if (headers.every((text) => /^[\0-\x7f]*$/.test(text))) passed.flushHeaders()
  incoming.pipe(passed)
}

function targetOf(protocol: 'http' | 'https', { url = '', headers }: IncomingMessage): URL | undefined {
  return URL.parse(url.startsWith('/') ? `${protocol}://${headers.host}${url}` : url) ?? undefined
}

function refuse(outgoing: ServerResponse, reason: string): void {
  if (outgoing.headersSent) {
    outgoing.destroy()
    return
  }
  outgoing.writeHead(502, { 'content-type': 'text/plain', connection: 'close' }).end(reason)
}

const kept = (raw: readonly string[]): string[] =>
  raw.filter((_, place) => !dropped.has(raw[place - (place % 2)]?.toLowerCase() ?? ''))
