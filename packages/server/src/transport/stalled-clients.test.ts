import { createServer, get, type Server, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { dropStalledClients } from './stalled-clients.ts'

const patience = 150
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serving(answer: (response: ServerResponse) => void, keepAliveTimeout = 60_000): Promise<number> {
  const server = createServer({ keepAliveTimeout }, (_, response) => answer(response))
  servers.push(server)
  dropStalledClients(server, patience)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** A client that asks, and reads only when it is told to. */
function ask(port: number): Socket {
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))
  return socket
}

it('a client that reads nothing of a long answer is let go', async () => {
  const closed = Promise.withResolvers<void>()
  const port = await serving((response) => {
    response.once('close', () => closed.resolve())
    response.write(Buffer.alloc(64 * 1024 * 1024))
  })
  const socket = ask(port)
  await expect(closed.promise).resolves.toBeUndefined()
  socket.destroy()
})

it('an answer may take its time to begin', async () => {
  const port = await serving((response) => setTimeout(() => response.end('late'), patience * 4))
  const text = await new Promise<string>((resolve, reject) => {
    get({ port, agent: false }, (response) => response.setEncoding('utf8').on('data', resolve)).on('error', reject)
  })
  expect(text).toBe('late')
})

it('a connection that is kept for the next request ends as before', async () => {
  const port = await serving((response) => response.end('fine'), 50)
  const socket = ask(port).resume()
  await expect(new Promise((resolve) => socket.once('close', resolve))).resolves.toBe(false)
})
