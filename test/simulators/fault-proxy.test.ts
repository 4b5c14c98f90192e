import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addressOf, type FaultProxy, startFaultProxy } from './fault-proxy.ts'

const answer = Buffer.from('0123456789')

/** Sends a byte, then collects what comes back until the connection ends, however that is. */
async function talk(port: number): Promise<{ received: string; error?: string }> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write('?')
  const error = await new Promise<string | undefined>((resolve) => {
    socket.on('error', (problem) => resolve('code' in problem ? String(problem.code) : problem.message))
    socket.on('end', () => resolve(undefined))
  })
  socket.destroy()
  return { received: Buffer.concat(chunks).toString(), ...(error !== undefined && { error }) }
}

describe('the fault proxy', () => {
  let upstream: Server
  let proxy: FaultProxy

  beforeEach(async () => {
    // Answers the first byte that comes, and closes.
    upstream = createServer((socket) => socket.on('error', () => undefined).once('data', () => socket.end(answer)))
    upstream.listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    proxy = await startFaultProxy(addressOf(upstream).port)
  })
  afterEach(async () => {
    await proxy.close()
    upstream.close()
  })

  it('carries everything when nothing is planned', async () => {
    expect(await talk(proxy.port)).toEqual({ received: '0123456789' })
  })

  it('closes in good order after so many bytes', async () => {
    proxy.add({ after: 4, ending: 'end' })
    expect(await talk(proxy.port)).toEqual({ received: '0123' })
  })

  it('resets the connection after so many bytes', async () => {
    proxy.add({ after: 0 })
    expect(await talk(proxy.port)).toEqual({ received: '', error: 'ECONNRESET' })
  })

  it('spends one fault on each connection, then does what it always does', async () => {
    proxy.add({ after: 1, ending: 'end' }, {})
    proxy.always({ after: 2, ending: 'end' })
    const received: string[] = []
    for (let count = 0; count < 4; count += 1) received.push((await talk(proxy.port)).received)
    expect(received).toEqual(['0', '0123456789', '01', '01'])
    expect(proxy.connections).toBe(4)
  })

  it('says nothing more, and keeps the connection, when it hangs', async () => {
    proxy.add({ after: 3, ending: 'hang' })
    const socket = connect(proxy.port, '127.0.0.1')
    socket.write('?')
    const events: string[] = []
    for (const event of ['end', 'close', 'error']) socket.on(event, () => events.push(event))
    const [chunk]: unknown[] = await once(socket, 'data')
    expect(String(chunk)).toBe('012')
    // Whatever was under way on the other connection is over once a later one has had its answer.
    await talk(proxy.port)
    expect(events).toEqual([])
    socket.destroy()
  })

  it('waits before the first byte and doles out the rest', async () => {
    proxy.add({ delay: 60 })
    let since = performance.now()
    expect((await talk(proxy.port)).received).toBe('0123456789')
    expect(performance.now() - since).toBeGreaterThanOrEqual(55)
    proxy.add({ throttle: 100 })
    since = performance.now()
    expect((await talk(proxy.port)).received).toBe('0123456789')
    expect(performance.now() - since).toBeGreaterThanOrEqual(95)
  })

  it('refuses connections, and takes them again on the same port', async () => {
    await proxy.refuse()
    expect(await talk(proxy.port)).toEqual({ received: '', error: 'ECONNREFUSED' })
    await proxy.accept()
    expect(await talk(proxy.port)).toEqual({ received: '0123456789' })
  })
})
