import { createConnection, type LookupFunction, type Socket } from 'node:net'
import { abortedBy, throwIfAborted } from './abort.ts'

export interface SocketAddress {
  /** A name, or an address without brackets. */
  readonly host: string
  readonly port: number
}

export interface SocketOptions {
  /** Ends the connecting, not the connection. */
  readonly signal?: AbortSignal | undefined
  /** Resolves the name, in place of the system. */
  readonly lookup?: LookupFunction | undefined
}

/** Connects over TCP. The socket is paused: nothing that the other side says is lost before somebody listens. */
export type ConnectSocket = (address: SocketAddress, options?: SocketOptions) => Promise<Socket>

/** Without any rules: for programs that use a driver by themselves. */
export const connectSocket: ConnectSocket = async ({ host, port }, { signal, lookup } = {}) => {
  throwIfAborted(signal)
  const socket = createConnection({ host, port, ...(lookup && { lookup }) })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const abort = (): void => {
    if (signal) reject(abortedBy(signal))
  }
  socket.once('connect', resolve)
  socket.once('error', reject)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await promise
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    socket.off('connect', resolve)
    socket.off('error', reject)
    signal?.removeEventListener('abort', abort)
  }
}
