import { type ConnectSocket, connectSocket, StorageError } from '@filegate/core'
import type { Socket } from 'node:net'
import type { AddressRules } from './address-rules.ts'
import { guardedLookup, type Resolve } from './agents.ts'
import { checkTarget } from './check-target.ts'

export interface GuardedSockets {
  readonly connect: ConnectSocket
  /** Ends the connections, those in use too. */
  close(): void
}

/** Connections for drivers whose protocol is not HTTP. Each goes by the rules, whoever named its address. */
export function guardedSockets(rules: AddressRules, resolve?: Resolve): GuardedSockets {
  const lookup = guardedLookup(rules, resolve)
  const open = new Set<Socket>()
  let isClosed = false
  return {
    async connect(address, options) {
      checkTarget(address, false, rules)
      const socket = await connectSocket(address, { ...options, lookup })
      if (isClosed) {
        socket.destroy()
        throw new StorageError('Aborted', 'The backend was let go while it connected.')
      }
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      return socket
    },
    close() {
      isClosed = true
      for (const socket of open) socket.destroy()
    },
  }
}
