import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { addressOf } from './fault-proxy.ts'

/** A port of loopback where nothing listens, unless its holder does. Until `release` no system gives it to anybody else. */
export interface HeldPort {
  readonly port: number
  readonly release: () => Promise<void>
}

/** A port that was free a moment ago may be another program's by now. This one is an end of a connection that stays. */
export async function holdPort(): Promise<HeldPort> {
  const server = createServer((socket) => socket.on('error', () => socket.destroy()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  // With an address of its own it is taken in a way that lets others of this machine listen there who know it.
  const socket = connect({ host: '127.0.0.1', port: addressOf(server).port, localAddress: '127.0.0.1' })
  await Promise.all([once(socket, 'connect'), once(server, 'connection')])
  const { localPort: port = 0 } = socket
  return {
    port,
    async release() {
      socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
