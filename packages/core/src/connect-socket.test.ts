import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectSocket } from './connect-socket.ts'

let server: Server
let port = 0
const seen: Socket[] = []
beforeAll(async () => {
  server = createServer((socket) => {
    seen.push(socket)
    // The tests end connections however they like.
    socket.on('error', () => undefined)
    socket.write('greeting')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address === 'object' && address) port = address.port
})
afterAll(() => {
  for (const socket of seen) socket.destroy()
  server.close()
})

describe('a socket for a driver', () => {
  it('is connected, and loses nothing that is said before somebody listens', async () => {
    const socket = await connectSocket({ host: '127.0.0.1', port })
    await expect.poll(() => seen.length).toBeGreaterThan(0)
    const [greeting] = await new Promise<Buffer[]>((resolve) => socket.once('data', (chunk) => resolve([chunk])))
    expect(String(greeting)).toBe('greeting')
    socket.destroy()
  })

  it('finds its host by the lookup that it is given', async () => {
    const names: string[] = []
    const socket = await connectSocket(
      { host: 'nowhere.invalid', port },
      {
        lookup(name, options, found) {
          names.push(name)
          const address = { address: '127.0.0.1', family: 4 }
          if (options.all) found(null, [address])
          else found(null, address.address, address.family)
        },
      },
    )
    expect(names).toEqual(['nowhere.invalid'])
    socket.destroy()
  })

  it('rejects where nobody listens, and where the caller has given up', async () => {
    // Nobody is given port 1 by chance.
    await expect(connectSocket({ host: '127.0.0.1', port: 1 })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const aborted = connectSocket({ host: '127.0.0.1', port }, { signal: AbortSignal.abort() })
    await expect(aborted).rejects.toMatchObject({ code: 'Aborted' })
    const controller = new AbortController()
    const waiting = connectSocket({ host: 'x.invalid', port }, { signal: controller.signal, lookup() {} })
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'Aborted' })
  })
})
