import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { CommandError } from '../cli/command-error.ts'
import { arrivedCode, belongsTo } from './arrived-code.ts'

export interface Listening {
  /** Where the vendor sends the browser. */
  readonly redirectUri: string
  /** Resolves when it has come. Asked for once. */
  code(): Promise<string>
}

/** Milliseconds that a user has. */
const patience = 600_000

const loopback = /^(?:localhost|127\.0\.0\.1|\[::1\])$/

/**
 * Listens on this machine alone for the browser that comes back.
 * @throws CommandError
 */
export async function listenForCode(
  state: string,
  { port = 0, redirectUri: chosen }: { readonly port?: number | undefined; readonly redirectUri?: string | undefined },
): Promise<Listening> {
  const address = new URL(chosen ?? `http://127.0.0.1:${port}/`)
  if (address.protocol !== 'http:' || !loopback.test(address.hostname)) {
    throw new CommandError(2, '--redirect-uri: leads to another machine, so its address has to be copied: use --paste')
  }
  const host = address.hostname === 'localhost' ? '127.0.0.1' : address.hostname.replace(/[[\]]/g, '')
  const arrival = Promise.withResolvers<URLSearchParams>()
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? '/', address.href)
    if (request.method !== 'GET' || url?.pathname !== address.pathname || !belongsTo(state, url.searchParams)) {
      return answer(response, 400, 'This is not the page that filegate waits for.')
    }
    // Connections are broken off afterwards, and not before the browser has this.
    response.once('close', () => arrival.resolve(url.searchParams))
    answer(response, 200, 'The vendor has answered. Go back to the terminal; you can close this page.')
  })
  // An address does not tell the usual port.
  await listening(server, host, chosen === undefined ? port : Number(address.port || 80))
  const bound = server.address()
  if (chosen === undefined && typeof bound === 'object' && bound) address.port = String(bound.port)
  return {
    redirectUri: chosen ?? address.href,
    async code() {
      const late = setTimeout(
        () => arrival.reject(new CommandError(1, 'nobody allowed access within 10 minutes')),
        patience,
      )
      try {
        return arrivedCode(await arrival.promise)
      } finally {
        clearTimeout(late)
        server.close()
        // Browsers keep connections in reserve on which they have never asked for anything: those are not idle to Node.
        server.closeAllConnections()
      }
    },
  }
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}

function answer(response: ServerResponse, status: number, text: string): void {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  }
  response.writeHead(status, headers).end(`${text}\n`)
}
