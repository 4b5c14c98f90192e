import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { addressOf } from '../fault-proxy.ts'
import { findRoute, type VendorRoutes } from '../vendor-routes.ts'
import { createAuthority } from './authority.ts'
import { forward } from './forward.ts'
import { patient } from '../patient.ts'

export interface HttpsProxyOptions {
  readonly routes: VendorRoutes
  /** `user:password` that those who come have to name (RFC 7617); without it everybody may come. */
  readonly login?: string | undefined
}

export interface HttpsProxy {
  /** For `HTTPS_PROXY` and `HTTP_PROXY`: `http://127.0.0.1:port`, with the login in it. */
  readonly url: string
  /** For `NODE_EXTRA_CA_CERTS`, `--ca-cert`, `SSL_CERT_FILE`. Is there until `close`. */
  readonly caFile: string
  /** What `caFile` holds. */
  readonly certificate: string
  /** Every tunnel that was asked for, those that were refused too, as `www.googleapis.com:443`. */
  readonly tunnels: readonly string[]
  close(): Promise<void>
}

/**
 * A proxy on loopback for which vendors are simulators: what is sent through its tunnels is decrypted with a certificate of
 * an authority that nobody but its own clients trusts, and answered by the simulator of the host. Other hosts: 502.
 */
export async function startHttpsProxy({ routes, login }: HttpsProxyOptions): Promise<HttpsProxy> {
  const authority = createAuthority()
  const { certificate, key } = authority.identify(Object.keys(routes))
  const folder = await mkdtemp(join(tmpdir(), 'filegate-proxy-'))
  const caFile = join(folder, 'authority.pem')
  await writeFile(caFile, authority.certificate)

  const tunnels: string[] = []
  const sockets = new Set<Duplex>()
  const mayCome = ({ headers }: IncomingMessage): boolean =>
    login === undefined || headers['proxy-authorization'] === `Basic ${Buffer.from(login).toString('base64')}`
  const inTunnel = (incoming: IncomingMessage, outgoing: ServerResponse): void =>
    forward(routes, 'https', incoming, outgoing)
  const inClear = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    if (mayCome(incoming)) return forward(routes, 'http', incoming, outgoing)
    outgoing.writeHead(407, { 'proxy-authenticate': 'Basic realm="test"', 'content-length': '0' }).end()
  }

  const tls = createTlsServer({ cert: certificate, key, ...patient }, inTunnel)
  tls.on('checkContinue', inTunnel)
  const proxy = createServer(patient, inClear)
  proxy.on('checkContinue', inClear)
  proxy.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  proxy.on('connect', (request, socket, head) => {
    tunnels.push(request.url ?? '')
    socket.on('error', () => socket.destroy())
    const host = /^([^:]+):443$/.exec(request.url ?? '')?.[1]
    const isKnown = host !== undefined && findRoute(routes, host) !== undefined
    if (!mayCome(request) || !isKnown) {
      socket.end(isKnown ? refusals.stranger : refusals.unknown)
      return
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    if (head.length > 0) socket.unshift(head)
    tls.emit('connection', socket)
  })

  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = addressOf(proxy)
  return {
    url: `http://${login === undefined ? '' : `${login.split(':').map(encodeURIComponent).join(':')}@`}127.0.0.1:${port}`,
    caFile,
    certificate: authority.certificate,
    tunnels,
    async close() {
      proxy.closeAllConnections()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => proxy.close(resolve))
      await rm(folder, { recursive: true })
    },
  }
}

const ending = 'Content-Length: 0\r\nConnection: close\r\n\r\n'
const refusals = {
  stranger: `HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"\r\n${ending}`,
  unknown: `HTTP/1.1 502 Bad Gateway\r\n${ending}`,
} as const
