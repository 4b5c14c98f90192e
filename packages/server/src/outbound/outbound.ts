import type { ConnectSocket } from '@filegate/core'
import type { AddressRules } from './address-rules.ts'
import { type GuardedAgents, guardedAgents, type Resolve } from './agents.ts'
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

export function createOutbound(rules: AddressRules, resolve?: Resolve): Outbound {
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
