import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { FtpTree } from './tree.ts'
import { serveConnection } from './connection.ts'

/** How the server shall be; each can be changed while it runs. */
export interface FtpManners {
  /** Offers MLST, MLSD and what goes with them. */
  facts: boolean
  epsv: boolean
  rest: boolean
  size: boolean
  /** Names are shown and understood in this. */
  charset: 'utf8' | 'latin1'
  /** The address that PASV answers, in place of the true one. */
  passiveAddress: string
  /** Answers that come a byte at a time. */
  dribbles: boolean
  /** Never confirms the end of a transfer. */
  silentAfterTransfer: boolean
  tls: 'none' | 'explicit' | 'implicit'
  certificate?: string | undefined
  key?: string | undefined
  /** Refuses data connections whose TLS session is a new one. */
  reuse: boolean
  mostConnections: number
}

/** Faults that still have to happen. */
export interface FtpFaults {
  unavailable: number
  broken: { times: number; after: number }
}

/** What the connections of a server share. */
export interface FtpState {
  readonly tree: FtpTree
  readonly manners: FtpManners
  readonly faults: FtpFaults
  /** Every command, passwords too. */
  readonly commands: string[]
  /** Where downloads began, and commands that met a fault. */
  readonly requests: { readonly offset?: number }[]
  readonly controls: Set<Socket>
  readonly data: Set<Socket>
}

export interface FtpServer extends FtpState {
  readonly port: number
  /** Downloads and uploads that go on. */
  open(): number
  close(): Promise<void>
}

/** An FTP server in memory (RFC 959, 2389, 2428, 3659, 4217) with the user `u`, whose password is `pw`. */
export async function startFtpServer(manners: Partial<FtpManners> = {}): Promise<FtpServer> {
  const state: FtpState = {
    tree: new FtpTree(),
    manners: {
      facts: true,
      epsv: true,
      rest: true,
      size: true,
      charset: 'utf8',
      passiveAddress: '127.0.0.1',
      dribbles: false,
      silentAfterTransfer: false,
      tls: 'none',
      reuse: false,
      mostConnections: Number.POSITIVE_INFINITY,
      ...manners,
    },
    faults: { unavailable: 0, broken: { times: 0, after: 0 } },
    commands: [],
    requests: [],
    controls: new Set(),
    data: new Set(),
  }
  const server = createServer((socket) => {
    socket.setNoDelay()
    state.controls.add(socket)
    socket.once('close', () => state.controls.delete(socket))
    serveConnection(state, socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('There is no port.')
  return {
    ...state,
    port: address.port,
    open: () => state.data.size,
    async close() {
      for (const socket of [...state.controls, ...state.data]) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
