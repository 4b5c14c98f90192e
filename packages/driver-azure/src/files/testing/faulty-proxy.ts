import type { Control, Fault, SeenRequest } from '@filegate/conformance'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream'

export interface FaultyProxy {
  readonly port: number
  readonly control: Required<Pick<Control, 'fail' | 'faults' | 'requests' | 'open'>>
  close(): Promise<void>
}

const errors: Readonly<Partial<Record<Fault['kind'], readonly [status: number, code: string]>>> = {
  throttled: [503, 'ServerBusy'],
  unavailable: [500, 'InternalError'],
}

/** Stands in front of a simulator of Azure Files and misbehaves, as the service does, when it is told to. */
export async function faultyProxy(target: number): Promise<FaultyProxy> {
  let fault: { readonly kind: Fault; left: number } | undefined
  let asked: SeenRequest[] = []
  const bodies = new Set<ServerResponse>()

  function next(isRead: boolean): Fault | undefined {
    if (!fault || fault.left === 0 || (fault.kind.kind === 'broken-body' && !isRead)) return undefined
    fault.left -= 1
    return fault.kind
  }
  const server = createServer((incoming, outgoing) => {
    const isRead = incoming.method === 'GET' && !/[?&]restype=/.test(incoming.url ?? '')
    const offset = /^bytes=(\d+)-/.exec(String(incoming.headers['x-ms-range'] ?? ''))?.[1]
    asked.push(isRead ? { offset: Number(offset ?? 0) } : {})
    bodies.add(outgoing)
    outgoing.on('close', () => bodies.delete(outgoing))
    const met = next(isRead)
    const error = met && errors[met.kind]
    if (error) refuse(incoming, outgoing, error, met.kind === 'throttled' ? met.retryAfter : undefined)
    else forward(target, incoming, outgoing, met?.kind === 'broken-body' ? met.after : undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
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

function refuse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  [status, code]: readonly [number, string],
  retryAfter: number | undefined,
): void {
  incoming.resume()
  outgoing.writeHead(status, {
    'content-type': 'application/xml',
    'x-ms-error-code': code,
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  })
  outgoing.end(incoming.method === 'HEAD' ? '' : `<Error><Code>${code}</Code></Error>`)
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
      outgoing.write(part, () => {
        if (sent === cutAfter) outgoing.socket?.destroy()
      })
      if (sent === cutAfter) answer.destroy()
    })
    answer.on('end', () => outgoing.end())
  })
  onward.on('error', () => outgoing.destroy())
  outgoing.on('close', () => onward.destroy())
  pipeline(incoming, onward, () => undefined)
}
