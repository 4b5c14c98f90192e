import { once } from 'node:events'
import { isIP, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { Settings } from './settings.ts'

/** TLS sessions of control connections, the latest used ones. */
export interface TlsSessions {
  of(connection: object): Buffer | undefined
  keep(connection: object, session: Buffer): void
  drop(connection: object): void
}

export function createTlsSessions(size: number): TlsSessions {
  const sessions = new Map<object, Buffer>()
  function keep(connection: object, session: Buffer): void {
    sessions.delete(connection)
    sessions.set(connection, session)
    for (const oldest of sessions.keys()) {
      if (sessions.size <= size) return
      sessions.delete(oldest)
    }
  }
  return {
    of(connection) {
      const session = sessions.get(connection)
      if (session) keep(connection, session)
      return session
    },
    keep,
    drop: (connection) => sessions.delete(connection),
  }
}

/**
 * Begins TLS on a socket. Servers take up the session of a control connection again only under the same name, so that data
 * connections are given the name of the server too, whatever address they lead to.
 */
export function beginTls(socket: Socket, settings: Settings, session?: Buffer): TLSSocket {
  const { host } = settings.server
  return connect({
    socket,
    host,
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: settings.checkCertificate,
    ...(session && { session }),
  })
}

export async function secured(socket: TLSSocket): Promise<void> {
  await once(socket, 'secureConnect')
}
