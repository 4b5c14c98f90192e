import type { Control, Fault, SeenRequest } from '@filegate/conformance'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { patient } from '../../../../test/simulators/patient.ts'

/** A request that came in, headers in lower case. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export interface FaultyProxy {
  readonly endpoint: string
  readonly control: Required<Pick<Control, 'fail' | 'faults' | 'requests' | 'open'>>
  /** Since the start. */
  readonly seen: readonly Seen[]
  /** What happens to the next request of that method and kind of address. */
  meddle(method: string, url: RegExp, how: Meddling): void
  close(): Promise<void>
}

/** `broken-request`: the connection breaks after so many bytes of the body have been passed on, and the rest never arrives. */
export type Meddling =
  | Fault
  | { readonly kind: 'broken-request'; readonly after: number }
  /** It is passed on, but its answer is lost. */
  | { readonly kind: 'lost-answer' }
  /** Nothing. */
  | { readonly kind: 'none' }

/** Stands in front of a service and misbehaves when it is told to. */
export async function faultyProxy(target: string): Promise<FaultyProxy> {
  let fault: { readonly kind: Fault; left: number } | undefined
  let asked: SeenRequest[] = []
  const seen: Seen[] = []
  const bodies = new Set<ServerResponse>()
  const waiting: { readonly method: string; readonly url: RegExp; readonly how: Meddling }[] = []

  function next({ method, url }: Seen): Meddling | undefined {
    const place = waiting.findIndex((one) => one.method === method && one.url.test(url))
    if (place !== -1) return waiting.splice(place, 1)[0]?.how
    if (!fault || fault.left === 0 || (fault.kind.kind === 'broken-body' && !isRead(url))) return undefined
    fault.left -= 1
    return fault.kind
  }

  const server = createServer(patient, (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming
    const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
    const one = { method, url, headers: texts }
    seen.push(one)
    asked.push(isRead(url) ? { offset: Number(/^bytes=(\d+)-/.exec(texts.range ?? '')?.[1] ?? 0) } : {})
    bodies.add(outgoing)
    outgoing.on('close', () => bodies.delete(outgoing))
    const met = next(one)
    const refusal = refusals.get(met?.kind ?? '')
    if (met && refusal) return refuse(incoming, outgoing, met, refusal)
    forward(target, incoming, outgoing, met)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('There is no port.')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    seen,
    meddle: (method, url, how) => void waiting.push({ method, url, how }),
    control: {
      faults: ['throttled', 'unavailable', 'broken-body', 'expired-token'],
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

const isRead = (url: string): boolean => /[?&]alt=media(?:&|$)/.test(url)

const refusals = new Map<string, readonly [status: number, reason: string]>([
  ['throttled', [429, 'rateLimitExceeded']],
  ['unavailable', [503, 'backendError']],
  ['expired-token', [401, 'authError']],
])

function refuse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Meddling,
  [status, reason]: readonly [status: number, reason: string],
): void {
  incoming.resume()
  const wait =
    fault.kind === 'throttled' && fault.retryAfter !== undefined ? { 'retry-after': String(fault.retryAfter) } : {}
  outgoing.writeHead(status, { 'content-type': 'application/json', ...wait })
  outgoing.end(JSON.stringify({ error: { code: status, message: 'said by the proxy', errors: [{ reason }] } }))
}

function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse, met: Meddling | undefined): void {
  const { method, url = '', rawHeaders: headers } = incoming
  const { hostname: host, port } = new URL(target)
  const onward = request({ host, port, method, path: url, headers, agent: false }, (answer) => {
    if (met?.kind === 'lost-answer') {
      answer.resume()
      answer.on('end', () => outgoing.destroy())
      return
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
    if (met?.kind !== 'broken-body') {
      pipeline(answer, outgoing, () => undefined)
      return
    }
    cut(
      answer,
      met.after,
      (part, then) => outgoing.write(part, then),
      () => outgoing.destroy(),
    )
  })
  onward.on('error', () => outgoing.destroy())
  outgoing.on('close', () => onward.destroy())
  if (met?.kind !== 'broken-request') {
    incoming.pipe(onward)
    return
  }
  const end = (): void => {
    onward.destroy()
    outgoing.destroy()
  }
  cut(incoming, met.after, (part, then) => onward.write(part, then), end)
}

/** So many bytes of a stream, and then the end of it. `give` says when a part is out, as it has to be before the connection breaks. */
function cut(
  source: IncomingMessage,
  most: number,
  give: (part: Buffer, then: () => void) => unknown,
  end: () => void,
): void {
  let given = 0
  source.on('data', (chunk: Buffer) => {
    if (given === most) return
    const part = chunk.subarray(0, most - given)
    given += part.length
    const isLast = given === most
    give(part, () => {
      if (isLast) end()
    })
  })
  source.on('end', () => {
    if (given < most) end()
  })
}
