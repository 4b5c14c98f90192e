import type { IncomingMessage, ServerResponse } from 'node:http'

/** Milliseconds that a client has to read an answer which came before it had sent everything. */
const timeToRead = 1000

/**
 * Keeps a connection for a moment that would be closed with its answer while the client is still sending: closing it over
 * unread data takes the answer away as well (RFC 9112, section 9.6). What is kept alive anyway has its time.
 */
export function linger(incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (incoming.complete || !hasBody(incoming) || outgoing.shouldKeepAlive || outgoing.headersSent) return
  outgoing.shouldKeepAlive = true
  outgoing.once('finish', () => {
    setTimeout(() => incoming.socket.destroySoon(), timeToRead).unref()
  })
}

/** A request that has none is complete only a moment after it was handed out. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
