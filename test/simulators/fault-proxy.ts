import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { createPlan, type Fault, passOn, type Plan } from './faults.ts'
import { holdPort } from './held-port.ts'

/** A proxy that knows nothing of what it carries. Each connection meets one fault of the plan. */
export interface FaultProxy extends Pick<Plan<Fault>, 'add' | 'always'> {
  readonly port: number
  /** How many connections were accepted so far. */
  readonly connections: number
  /** Closes the port, and every connection with it: whoever comes is refused. */
  refuse(): Promise<void>
  /** Opens the same port again. */
  accept(): Promise<void>
  close(): Promise<void>
}

/** In front of whatever listens on that port of the loopback interface. */
export async function startFaultProxy(upstreamPort: number): Promise<FaultProxy> {
  const plan = createPlan<Fault>({})
  const ended = new AbortController()
  const sockets = new Set<Socket>()
  let connections = 0

  const held = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
  }
  const server = createServer({ allowHalfOpen: true }, (client) => {
    connections += 1
    carry(held(client), held(connect({ host: '127.0.0.1', port: upstreamPort, allowHalfOpen: true })), plan.next())
  })

  function carry(client: Socket, upstream: Socket, fault: Fault): void {
    client.on('close', () => upstream.destroy())
    client.pipe(upstream)
    passOn(upstream, client, client, fault, ended.signal).then(
      (whole) => whole && client.end(),
      () => client.resetAndDestroy(),
    )
  }

  // Nobody else gets it while it is refused there.
  const { port, release } = await holdPort()
  const open = (): Promise<void> => listening(server, port)
  const shut = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })

  await open()
  return {
    port,
    get connections() {
      return connections
    },
    add: plan.add,
    always: plan.always,
    refuse: shut,
    accept: open,
    async close() {
      ended.abort()
      if (server.listening) await shut()
      await release()
    },
  }
}

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })

/** The address of a server that listens on a port. */
export function addressOf(server: Server): AddressInfo {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port.')
  return address
}
