import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https'
import { isIPv4, type Socket } from 'node:net'
import type { ListenAddress, Settings } from '../settings.ts'
import { answerBrokenRequests } from './broken-requests.ts'
import { readCertificate } from './certificate.ts'
import { continueWhenRead } from './expect-continue.ts'
import { responseOf } from './response-of.ts'
import { dropStalledClients } from './stalled-clients.ts'

/** Proxies in front of us keep connections for about a minute; we keep them a little longer, so that they end them. */
const keepAlive = 65_000

/** A client that does not get through the TLS handshake in this time is let go. Milliseconds. */
const handshakeTimeout = 10_000

export function createServer(settings: Settings, listener: RequestListener): Server {
  const server = bareServer(settings, listener)
  answerBrokenRequests(server)
  dropStalledClients(server)
  return server
}

function bareServer({ tls }: Settings, listener: RequestListener): Server {
  // Large uploads take their time. Whoever reads a body gives up on a client that has gone silent (`http/in-time.ts`).
  const options = { keepAliveTimeout: keepAlive, requestTimeout: 0 }
  if (!tls) return tracked(continueWhenRead(createHttpServer(options, listener), listener), 'connection')
  const server = createHttpsServer({ ...options, ...readCertificate(tls), handshakeTimeout }, listener)
  return tracked(continueWhenRead(server, listener), 'secureConnection')
}

const openSockets = new WeakMap<Server, Set<Socket>>()

/** Node closes connections that have become idle, but not those on which nothing was ever asked, as browsers open them. */
function tracked(server: Server, event: 'connection' | 'secureConnection'): Server {
  const sockets = new Set<Socket>()
  openSockets.set(server, sockets)
  return server.on(event, (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
}

function closeUnused(server: Server): void {
  for (const socket of openSockets.get(server) ?? []) {
    if (!responseOf(socket)) socket.destroy()
  }
}

/** Connections made from now on see the new certificate. */
export function reloadCertificate(servers: readonly Server[], { tls }: Settings): void {
  const secrets = tls && readCertificate(tls)
  if (!secrets) return
  for (const server of servers) if (server instanceof HttpsServer) server.setSecureContext(secrets)
}

/** The address with the port that `server` was given, where any free port would do: all addresses share one. */
export function withPortOf(server: Server | undefined, address: ListenAddress): ListenAddress {
  const bound = server?.address()
  if ('socket' in address || address.port !== 0 || typeof bound !== 'object' || !bound) return address
  return { host: address.host, port: bound.port }
}

/** Resolves with the address as a person would type it. */
export function listen(server: Server, address: ListenAddress, settings: Settings): Promise<string> {
  const where = 'socket' in address ? { path: socketPath(address.socket) } : { ...address, ipv6Only: isSplit(settings) }
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      resolve(printable(server, address, settings))
    })
  })
}

/** `::` takes IPv4 as well, unless there is an address for that. */
function isSplit({ listen }: Settings): boolean {
  return listen.some((address) => 'host' in address && isIPv4(address.host))
}

/** Linux keeps abstract sockets under a name that starts with NUL, which people write as `@`. */
function socketPath(socket: string): string {
  return socket.startsWith('@') ? `\0${socket.slice(1)}` : socket
}

function printable(server: Server, address: ListenAddress, settings: Settings): string {
  if ('socket' in address) return `unix:${address.socket}`
  const bound = server.address()
  const port = typeof bound === 'object' && bound ? bound.port : address.port
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return `${settings.tls ? 'https' : 'http'}://${host}:${port}${settings.pathPrefix}`
}

/** Stops accepting and waits for what is being sent; after `grace` milliseconds the rest is cut off. */
export function stop(server: Server, grace: number): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => server.closeAllConnections(), grace)
    // A kept connection falls out of use when its download ends, and nobody else would close it then.
    const unused = setInterval(() => closeUnused(server), 50)
    server.close(() => {
      clearTimeout(deadline)
      clearInterval(unused)
      resolve()
    })
    closeUnused(server)
  })
}
