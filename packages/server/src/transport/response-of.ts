import type { Duplex } from 'node:stream'

/** The answer that is under way on a connection. The socket knows it under a name that is not public. */
export function responseOf(socket: Duplex): unknown {
  return Reflect.get(socket, '_httpMessage') ?? undefined
}
