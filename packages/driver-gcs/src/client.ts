import type { ConnectContext } from '@filegate/core'
import { Agent as HttpAgent, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** All of it, in pieces. */
  readonly body?: readonly Uint8Array[] | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** As it came over the wire: nothing is inflated. Nothing flows before somebody asks. */
  readonly stream: IncomingMessage
}

export interface Client {
  send(sent: Sent): Promise<Answer>
  close(): void
}

/**
 * HTTP as bytes. That of the vendor's library cannot be given agents or called off, and `fetch` inflates what is stored
 * with gzip. Redirects are answers like others.
 */
export function createClient({ agents }: Pick<ConnectContext, 'agents'>): Client {
  const own = agents
    ? undefined
    : { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }
  const { http, https } = agents ?? own ?? {}
  return {
    send({ method, url, headers, body = [], signal }) {
      const target = new URL(url)
      const isPlain = target.protocol === 'http:'
      const length = body.reduce((sum, { length }) => sum + length, 0)
      const sized = body.length > 0 || method === 'POST' || method === 'PUT' ? { 'content-length': String(length) } : {}
      const options = { method, headers: { 'user-agent': 'filegate', ...headers, ...sized }, signal }
      return new Promise((resolve, reject) => {
        const request = isPlain
          ? httpRequest(target, { ...options, agent: http })
          : httpsRequest(target, { ...options, agent: https })
        request.on('error', reject)
        request.on('response', (stream) => {
          stream.pause()
          resolve({ status: stream.statusCode ?? 0, headers: stream.headers, stream })
        })
        for (const piece of body) request.write(piece)
        request.end()
      })
    },
    close() {
      own?.http.destroy()
      own?.https.destroy()
    },
  }
}
