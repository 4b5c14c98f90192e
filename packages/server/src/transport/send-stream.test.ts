import { once } from 'node:events'
import { createServer, get, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { sendStream, type StreamTrouble } from './send-stream.ts'

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7)
const pulled = (...pieces: readonly (Uint8Array | Error)[]): ReadableStream<Uint8Array> => {
  const left = [...pieces]
  return new ReadableStream(
    {
      pull(controller) {
        const piece = left.shift()
        if (piece instanceof Error) controller.error(piece)
        else if (piece) controller.enqueue(piece)
        else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

let stop = (): void => {}
afterEach(() => stop())

/** Serves the body that `make` gives, and keeps what was told of trouble. */
async function serving(make: () => ReadableStream<Uint8Array>, headers: Record<string, string> = {}) {
  const brokeOff: unknown[] = []
  const trouble: StreamTrouble = {
    failed: (error) => new Response(String(error), { status: 503 }),
    brokeOff: (error) => brokeOff.push(error),
  }
  const answer = async (outgoing: ServerResponse): Promise<void> => {
    const instead = await sendStream(outgoing, { status: 200, headers, body: make() }, trouble)
    if (instead) outgoing.writeHead(instead.status).end(await instead.text())
  }
  const server = createServer((_request, outgoing) => void answer(outgoing))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stop = () => {
    server.closeAllConnections()
    server.close()
  }
  const { port } = server.address() as AddressInfo
  return { port, brokeOff }
}

interface Seen {
  readonly status?: number | undefined
  readonly length: number
  /** `whole`, or the error that the connection ended in. */
  readonly end: string
}

/** What a client sees. */
function fetched(port: number): Promise<Seen> {
  return new Promise((resolve) => {
    let length = 0
    let status: number | undefined
    const failed = (error: NodeJS.ErrnoException): void => resolve({ status, length, end: error.code ?? error.message })
    const request = get({ port, host: '127.0.0.1', agent: false }, (response) => {
      status = response.statusCode
      response.on('data', (chunk: Buffer) => (length += chunk.length))
      response.on('error', failed)
      response.on('end', () => resolve({ status, length, end: 'whole' }))
    })
    request.on('error', failed)
  })
}

describe('a body that comes piece by piece', () => {
  it('arrives whole, with its headers', async () => {
    const { port, brokeOff } = await serving(() => pulled(bytes(10), bytes(500_000), bytes(3)), { 'x-kind': 'test' })
    const response = await fetch(`http://127.0.0.1:${port}`)
    expect([response.status, response.headers.get('x-kind')]).toEqual([200, 'test'])
    expect((await response.arrayBuffer()).byteLength).toBe(500_013)
    expect(brokeOff).toEqual([])
  })

  it('may be empty', async () => {
    const { port } = await serving(() => pulled())
    expect(await fetched(port)).toEqual({ status: 200, length: 0, end: 'whole' })
  })

  it('gets an answer of its own when it fails before its first piece', async () => {
    const { port, brokeOff } = await serving(() => pulled(new Error('no')), { 'content-length': '10' })
    expect(await fetched(port)).toEqual({ status: 503, length: 'Error: no'.length, end: 'whole' })
    expect(brokeOff).toEqual([])
  })

  it.each([{}, { 'content-length': '10' }])('does not look whole when it fails later (%o)', async (headers) => {
    const { port, brokeOff } = await serving(() => pulled(bytes(5), new Error('late')), headers)
    expect(await fetched(port)).toMatchObject({ end: 'ECONNRESET' })
    expect(brokeOff).toEqual([new Error('late')])
  })

  it('does not look whole when it fails while nobody waits for a piece', async () => {
    // Another party pushes into it and breaks it, at any point of the sending.
    const pushed = (count: number): ReadableStream<Uint8Array> =>
      new ReadableStream({
        start(controller) {
          let left = count
          const push = (): void => {
            left -= 1
            if (left === 0) return controller.error(new Error('late'))
            controller.enqueue(bytes(50_000))
            setImmediate(push)
          }
          push()
        },
      })
    let count = 1
    const { port } = await serving(() => pushed((count += 1)))
    for (let tries = 0; tries < 60; tries += 1) {
      const { status, end } = await fetched(port)
      expect([status, end]).not.toEqual([200, 'whole'])
    }
  })

  it('ends in a reset for a client that takes the end of the connection for the end of the body', async () => {
    const { port } = await serving(() => pulled(bytes(5), new Error('late')))
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.0\r\n\r\n')
    socket.resume()
    await expect(once(socket, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('is cancelled when the client leaves', async () => {
    const cancelled = Promise.withResolvers<unknown>()
    const { port, brokeOff } = await serving(
      () =>
        new ReadableStream(
          {
            pull: (controller) => controller.enqueue(bytes(100_000)),
            cancel: (reason) => cancelled.resolve(reason),
          },
          { highWaterMark: 0 },
        ),
    )
    const request = get({ port, host: '127.0.0.1', agent: false })
    const [response] = await once(request, 'response')
    await once(response, 'readable')
    response.destroy()
    expect(await cancelled.promise).toEqual(new Error('The client went away.'))
    expect(brokeOff).toEqual([])
  })

  it('is cancelled when the client leaves before its first piece', async () => {
    const cancelled = Promise.withResolvers<unknown>()
    const asked = Promise.withResolvers<void>()
    const { port } = await serving(
      () =>
        new ReadableStream(
          {
            pull() {
              asked.resolve()
              return new Promise(() => {})
            },
            cancel: (reason) => cancelled.resolve(reason),
          },
          { highWaterMark: 0 },
        ),
    )
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await asked.promise
    socket.destroy()
    expect(await cancelled.promise).toEqual(new Error('The client went away.'))
  })

  it('is read no faster than the client takes it', async () => {
    let given = 0
    const { port } = await serving(
      () =>
        new ReadableStream(
          {
            pull(controller) {
              given += 1
              controller.enqueue(bytes(1_000_000))
            },
          },
          { highWaterMark: 0 },
        ),
    )
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    socket.pause()
    await expect.poll(() => given).toBeGreaterThan(0)
    let before = -1
    await expect
      .poll(() => {
        const stands = before === given
        before = given
        return stands
      })
      .toBe(true)
    expect(given).toBeLessThan(30)
    socket.destroy()
  })
})
