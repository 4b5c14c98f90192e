import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https'
import type { ListenAddress, Settings } from '../settings.ts'

/** Proxies in front of us keep connections for about a minute; we keep them a little longer, so that they end them. */
const keepAlive = 65_000

function certificate({ tls }: Settings): { cert: Buffer; key: Buffer } | undefined {
  return tls && { cert: readFileSync(tls.certificate), key: readFileSync(tls.key) }
}

export function createServer(settings: Settings, listener: RequestListener): Server {
  const options = { keepAliveTimeout: keepAlive }
  const secrets = certificate(settings)
  return secrets ? createHttpsServer({ ...options, ...secrets }, listener) : createHttpServer(options, listener)
}

/** Connections made from now on see the new certificate. */
export function reloadCertificate(servers: readonly Server[], settings: Settings): void {
  const secrets = certificate(settings)
  if (!secrets) return
  for (const server of servers) if (server instanceof HttpsServer) server.setSecureContext(secrets)
}

/** Resolves with the address as a person would type it. */
export function listen(server: Server, address: ListenAddress, settings: Settings): Promise<string> {
  const where = 'socket' in address ? { path: socketPath(address.socket) } : { host: address.host, port: address.port }
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      resolve(printable(server, address, settings))
    })
  })
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
    // A kept connection becomes idle when its download ends, and nobody else would close it then.
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    server.close(() => {
      clearTimeout(deadline)
      clearInterval(idle)
      resolve()
    })
    server.closeIdleConnections()
  })
}
