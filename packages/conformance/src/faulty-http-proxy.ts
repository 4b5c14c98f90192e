import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream'
import type { Control, Fault, SeenRequest } from './harness.ts'

export interface FaultyProxy {
  readonly port: number
  readonly control: Required<Pick<Control, 'fail' | 'faults' | 'requests' | 'open'>>
  /** The requests that came in since the start, headers in lower case. */
  readonly seen: readonly { readonly method: string; readonly url: string; readonly headers: Record<string, string> }[]
  close(): Promise<void>
}

/** What is different from vendor to vendor. */
export interface ProxyManners {
  /** Whether a request is for the bytes of a file. */
  isRead(request: { readonly method: string; readonly url: string }): boolean
  /** How the vendor refuses what it will do later, or cannot do. */
  readonly refusals: Readonly<Record<'throttled' | 'unavailable', Refusal>>
}

interface Refusal {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

/** Stands in front of a service over HTTP, at a port of loopback, and misbehaves as the vendor does when it is told to. */
export async function faultyHttpProxy(target: number, manners: ProxyManners): Promise<FaultyProxy> {
  let fault: { readonly kind: Fault; left: number } | undefined
  let asked: SeenRequest[] = []
  const seen: { method: string; url: string; headers: Record<string, string> }[] = []
  const bodies = new Set<ServerResponse>()

  function next(isRead: boolean): Fault | undefined {
    if (!fault || fault.left === 0 || (fault.kind.kind === 'broken-body' && !isRead)) return undefined
    fault.left -= 1
    return fault.kind
  }
  // Who stood still for a while does not find the connection closed.
  const server = createServer({ keepAliveTimeout: 0 }, (incoming, outgoing) => {
    const { method = '', url = '' } = incoming
    const isRead = manners.isRead({ method, url })
    const offset = /^bytes=(\d+)-/.exec(String(incoming.headers['x-ms-range'] ?? incoming.headers.range ?? ''))?.[1]
    asked.push(isRead ? { offset: Number(offset ?? 0) } : {})
    seen.push({
      method,
      url,
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([k, v]) => [k, String(v)])),
    })
    bodies.add(outgoing)
    outgoing.on('close', () => bodies.delete(outgoing))
    const met = next(isRead)
    if (met?.kind === 'throttled' || met?.kind === 'unavailable') {
      incoming.resume()
      refuse(outgoing, manners.refusals[met.kind], met)
      return
    }
    forward(target, incoming, outgoing, met?.kind === 'broken-body' ? met.after : undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    control: {
      faults: ['throttled', 'unavailable', 'broken-body'],
      fail: (kind, times) => {
        fault = { kind, left: times }
      },
      requests() {
        const all = asked
        asked = []
        return all
      },
      open: () => bodies.size,
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function refuse(outgoing: ServerResponse, { status, headers, body }: Refusal, fault: Fault): void {
  const wait = fault.kind === 'throttled' ? fault.retryAfter : undefined
  outgoing.writeHead(status, { ...headers, ...(wait !== undefined && { 'retry-after': String(wait) }) })
  outgoing.end(body)
}

function forward(
  port: number,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  cutAfter: number | undefined,
): void {
  const { method, url: path, rawHeaders: headers } = incoming
  const onward = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
    if (cutAfter === undefined) {
      pipeline(answer, outgoing, () => undefined)
      return
    }
    let sent = 0
    answer.on('data', (chunk: Buffer) => {
      const part = chunk.subarray(0, cutAfter - sent)
      sent += part.length
      const isLast = sent === cutAfter
      // What came before may still be on its way when the last part is here.
      outgoing.write(part, () => {
        if (isLast) outgoing.socket?.destroy()
      })
      if (isLast) answer.destroy()
    })
    answer.on('end', () => outgoing.end())
  })
  // An answer may come, and be passed on, before all of the request has.
  onward.on('error', () => outgoing.headersSent || outgoing.destroy())
  outgoing.on('close', () => outgoing.writableFinished || onward.destroy())
  pipeline(incoming, onward, () => undefined)
}
