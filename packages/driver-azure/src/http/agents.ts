import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline'
import type { ConnectContext } from '@filegate/core'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

/** The connections of a driver: those it was given, under the rules that come with them, or its own. */
export interface Connections {
  readonly agentFor: (url: string) => HttpAgent
  /** For libraries that take a client; its requests go over these connections. */
  readonly client: HttpClient
  readonly close: () => void
}

export function createConnections({ agents }: Pick<ConnectContext, 'agents'>): Connections {
  const { http, https } = agents ?? {
    http: new HttpAgent({ keepAlive: true }),
    https: new HttpsAgent({ keepAlive: true }),
  }
  const agentFor = (url: string): HttpAgent => (/^https:/i.test(url) ? https : http)
  const client = createDefaultHttpClient()
  return {
    agentFor,
    client: {
      sendRequest(request) {
        request.agent = agentFor(request.url)
        return client.sendRequest(request)
      },
    },
    close() {
      if (agents) return
      http.destroy()
      https.destroy()
    },
  }
}
