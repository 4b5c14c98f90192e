import type { Server } from 'node:http'
import { responseOf } from './response-of.ts'

/**
 * Milliseconds in which a client has to take something of what is sent to it. That is seen only when the system's own
 * buffer, of some megabytes, has room again: this is enough for ten kilobytes a second.
 */
const patience = 600_000

/**
 * Lets go of clients that stopped reading without leaving: each would hold its file open for ever. Waiting for us is
 * something else: an answer may take long to begin.
 */
export function dropStalledClients(server: Server, milliseconds = patience): void {
  server.setTimeout(milliseconds, (socket) => {
    // Without an answer under way this is the end of a connection that was kept for the next request.
    if (socket.writableLength > 0 || !responseOf(socket)) socket.destroy()
  })
}
