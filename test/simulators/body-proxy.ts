import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'
import { addressOf } from './fault-proxy.ts'
import { patient } from './patient.ts'

/** A proxy in front of an HTTP server that does to requests what proxies do that stand before servers in the wild. */
export interface BodyProxy {
  readonly origin: string
  /** One for each of the next requests with a body: after so many bytes of it both connections end. */
  cutAfter(...bytes: readonly number[]): void
  /** Requests that were refused for their size, and connections that were cut. */
  readonly refused: number
  readonly cuts: number
  close(): Promise<void>
}

/** @param most bytes of a body; more are answered with 413 and not passed on, as nginx does (`client_max_body_size`) */
export async function startBodyProxy(upstreamPort: number, most = Number.POSITIVE_INFINITY): Promise<BodyProxy> {
  const cutting: number[] = []
  let refused = 0
  let cuts = 0

  const server = createServer(patient, (incoming, outgoing) => {
    const announced = Number(incoming.headers['content-length'] ?? 0)
    if (announced > most) {
      refused += 1
      incoming.resume()
      outgoing.writeHead(413, { connection: 'close', 'content-length': '0' }).end()
      return
    }
    carry(incoming, outgoing, announced > 0 ? cutting.shift() : undefined)
  })

  function carry(incoming: IncomingMessage, outgoing: ServerResponse, after = Number.POSITIVE_INFINITY): void {
    const { method, url, rawHeaders } = incoming
    const headers = [...rawHeaders]
    const passed = httpRequest({ host: '127.0.0.1', port: upstreamPort, method, path: url, headers, agent: false })
    let left = after
    passed.on('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.rawHeaders)
      response.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    outgoing.on('close', () => passed.destroy())
    incoming.on('data', (chunk: Buffer) => {
      if (left === 0) return
      const part = chunk.subarray(0, left)
      left -= part.length
      const isLast = left === 0
      passed.write(part, () => {
        if (!isLast) return
        cuts += 1
        passed.destroy()
        incoming.socket.destroy()
      })
    })
    incoming.on('end', () => passed.end())
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${addressOf(server).port}`,
    cutAfter: (...bytes) => void cutting.push(...bytes),
    get refused() {
      return refused
    },
    get cuts() {
      return cuts
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
