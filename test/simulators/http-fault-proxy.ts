import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'
import { addressOf } from './fault-proxy.ts'
import { createPlan, type Fault, passOn, type Plan } from './faults.ts'
import { patient } from './patient.ts'

/** What goes wrong with one answer; `after` counts the bytes of its body. */
export interface HttpFault extends Fault {
  /** Answers so, and does not pass the request on. */
  readonly status?: number
  /** The header Retry-After of such an answer. */
  readonly retryAfter?: string
  /** The answer does not say how long it is: it ends with the connection. */
  readonly unsized?: boolean
  /** The request is passed on without its range. */
  readonly ignoresRange?: boolean
  /** Is done before the request is passed on. */
  readonly before?: () => Promise<unknown>
}

/** A proxy in front of an HTTP server. Each request that the plan is for meets one fault of it. */
export interface HttpFaultProxy extends Pick<Plan<HttpFault>, 'add' | 'always'> {
  readonly origin: string
  /** What the plan is for from now on, as the start of a request: `GET /bucket/key`. The default is everything. */
  only(start: string): void
  /** Everything that the plan was for so far: method, target and range, as `GET /bucket/key bytes=5-9`. */
  readonly requests: readonly string[]
  /** How many answers stand that are late, or will hang. */
  readonly late: number
  /** How many connections the other side closed before the answer was through. */
  readonly abandoned: number
  close(): Promise<void>
}

/** Whether it takes the patience of whoever asks. */
export const isLate = ({ delay, ending }: HttpFault): boolean => delay !== undefined || ending === 'hang'

/** Headers go through as they came, `Host` too, since requests are signed over it. */
export async function startHttpFaultProxy(upstreamPort: number): Promise<HttpFaultProxy> {
  const plan = createPlan<HttpFault>({})
  const ended = new AbortController()
  const requests: string[] = []
  let start = ''
  let abandoned = 0
  let late = 0

  const server = createServer(patient, (incoming, outgoing) => {
    const line = `${incoming.method} ${incoming.url}`
    const planned = line.startsWith(start)
    if (planned) requests.push([line, incoming.headers.range].filter(Boolean).join(' '))
    answer(incoming, outgoing, planned ? plan.next() : {}).catch(() => outgoing.destroy())
  })

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse, fault: HttpFault): Promise<void> {
    await fault.before?.()
    if (fault.status !== undefined) return refuse(incoming, outgoing, fault.status, fault.retryAfter)
    const broken = fault.after !== undefined && fault.ending !== 'hang'
    if (isLate(fault)) {
      late += 1
      outgoing.once('close', () => (late -= 1))
    }
    const response = await forward(incoming, upstreamPort, fault.ignoresRange)
    outgoing.once('close', () => {
      response.destroy()
      if (!outgoing.writableFinished && !broken) abandoned += 1
    })
    const headers = fault.unsized ? without(response.rawHeaders, 'content-length') : response.rawHeaders
    if (fault.unsized) outgoing.useChunkedEncodingByDefault = false
    outgoing.writeHead(response.statusCode ?? 502, [...headers])
    if (!fault.delay) outgoing.flushHeaders()
    const { socket } = outgoing
    if (!socket) return
    if (await passOn(response, outgoing, socket, fault, ended.signal)) outgoing.end()
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${addressOf(server).port}`,
    only(wanted) {
      start = wanted
      requests.length = 0
    },
    requests,
    get late() {
      return late
    },
    get abandoned() {
      return abandoned
    },
    add: plan.add,
    always: plan.always,
    async close() {
      ended.abort()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse, status: number, retryAfter?: string): void {
  incoming.resume()
  outgoing.writeHead(status, { 'content-length': '0', ...(retryAfter !== undefined && { 'retry-after': retryAfter }) })
  outgoing.end()
}

function forward(incoming: IncomingMessage, port: number, ignoresRange = false): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = ignoresRange ? without(incoming.rawHeaders, 'range') : incoming.rawHeaders
    const { method, url } = incoming
    const passed = httpRequest({ host: '127.0.0.1', port, method, path: url, headers: [...headers], agent: false })
    passed.on('response', resolve).on('error', reject)
    incoming.pipe(passed)
  })
}

/** Raw headers, names and values in turn, but for those of one name. */
const without = (raw: readonly string[], name: string): string[] =>
  raw.filter((_, place) => raw[place - (place % 2)]?.toLowerCase() !== name)
