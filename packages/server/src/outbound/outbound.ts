import type { ConnectSocket } from '@filegate/core'
import { type GuardedAgents, guardedAgents, type Resolve } from './agents.ts'
import type { OutboundRules } from './check-target.ts'
import { fetchThrough, guardedDispatcher } from './guarded-fetch.ts'
import { guardedSockets } from './guarded-socket.ts'

/** The connections of one backend to the outside. */
export interface Outbound {
  readonly fetch: typeof fetch
  readonly agents: GuardedAgents
  readonly connectSocket: ConnectSocket
  /** Ends the connections, those in use too. */
  close(): Promise<void>
}

/** What is HTTP goes through the proxies of `rules`; other connections are made directly, for HTTP proxies know no other protocol. */
export function createOutbound(rules: OutboundRules, resolve?: Resolve): Outbound {
  const dispatcher = guardedDispatcher(rules, resolve)
  const agents = guardedAgents(rules, {}, resolve)
  const sockets = guardedSockets(rules, resolve)
  return {
    fetch: fetchThrough(dispatcher),
    agents,
    connectSocket: sockets.connect,
    async close() {
      sockets.close()
      agents.http.destroy()
      agents.https.destroy()
      await dispatcher.destroy()
    },
  }
}
