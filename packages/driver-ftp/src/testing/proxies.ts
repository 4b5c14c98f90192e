import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Proxy {
  readonly port: number
  /** Where it was asked to connect to. */
  readonly targets: string[]
  close(): Promise<void>
}

type Handshake = (socket: Socket, targets: string[]) => Promise<{ port: number; answer: Uint8Array | string }>

async function startProxy(handshake: Handshake): Promise<Proxy> {
  const targets: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    void handshake(socket, targets).then(({ port, answer }) => {
      const onward = connect(port, '127.0.0.1')
      sockets.add(onward)
      onward.on('error', () => undefined)
      onward.once('connect', () => {
        socket.write(answer)
        socket.pipe(onward).pipe(socket)
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    targets,
    port: typeof address === 'object' && address ? address.port : 0,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const next = async (socket: Socket): Promise<Buffer> => {
  const bytes = await new Promise<Buffer>((resolve) => socket.once('data', resolve).resume())
  socket.pause()
  return bytes
}

/** SOCKS 5 for the user `me`, whose password is `secret`. Whatever the name, it leads to this machine. */
export const startSocksProxy = (): Promise<Proxy> =>
  startProxy(async (socket, targets) => {
    await next(socket)
    socket.write(Buffer.of(5, 2))
    const login = (await next(socket)).toString('latin1')
    socket.write(Buffer.of(1, login.includes('\x02me\x06secret') ? 0 : 1))
    const asked = await next(socket)
    const port = asked.readUInt16BE(asked.length - 2)
    targets.push(`${asked.subarray(5, -2).toString()}:${port}`)
    return { port, answer: Buffer.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0) }
  })

export const startHttpProxy = (): Promise<Proxy> =>
  startProxy(async (socket, targets) => {
    const head = (await next(socket)).toString('latin1')
    const [, target = ''] = /^CONNECT (\S+) HTTP/.exec(head) ?? []
    targets.push(target)
    return { port: Number(target.slice(target.lastIndexOf(':') + 1)), answer: 'HTTP/1.1 200 OK\r\nVia: x\r\n\r\n' }
  })
