import { once } from 'node:events'
import type { Socket } from 'node:net'

/** Exactly so many bytes of a socket; what comes behind them stays in it. */
export async function readExactly(socket: Socket, size: number): Promise<Buffer> {
  for (;;) {
    const bytes: unknown = socket.read(size)
    if (bytes instanceof Buffer && bytes.length === size) return bytes
    if (bytes !== null || socket.readableEnded || socket.destroyed) {
      throw Object.assign(new Error('The proxy ended the connection.'), { code: 'ECONNRESET' })
    }
    // An 'end' makes a socket readable as well.
    await once(socket, 'readable')
  }
}
