import { type Server, STATUS_CODES } from 'node:http'
import { responseOf } from './response-of.ts'

/** What Node says of a request that it could not read, by the code of its error; 400 for everything else. */
const statuses: Readonly<Record<string, readonly [status: number, code: string, error: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'HEADERS_TOO_LARGE', 'The request line and headers are longer than 16 KB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'TOO_LARGE', 'The chunk extensions of the body are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'TIMED_OUT', 'The request did not arrive in time.'],
}
const malformed = [
  400,
  'MALFORMED_REQUEST',
  'This is not HTTP as RFC 9112 writes it. Spaces and characters outside ASCII have to be percent-encoded in a URL.',
] as const

/** Answers in the documented envelope what does not even parse, and closes the connection, for nothing behind it can be read. */
export function answerBrokenRequests(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // With an answer under way, another one would become part of its body.
    if (!socket.writable || error.code === 'ECONNRESET' || responseOf(socket)) socket.destroy()
    else socket.end(answerTo(error))
  })
}

function answerTo({ code = '' }: NodeJS.ErrnoException): string {
  const [status, name, error] = (Object.hasOwn(statuses, code) ? statuses[code] : undefined) ?? malformed
  const body = JSON.stringify({ success: false, error, code: name })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
