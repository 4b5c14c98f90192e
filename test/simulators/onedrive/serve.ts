import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { readAddress } from './address.ts'
import type { Answer, Json } from './answer.ts'
import { callerOf } from './authorize.ts'
import { cloudOf, cloudOfContent, downloadHost, monitorHost, uploadHost, worldwide } from './clouds.ts'
import { monitor } from './copies.ts'
import { download } from './download-host.ts'
import { changedStatus, Cut, type Failure, type Failures, refuse } from './failures.ts'
import { asGraphError, GraphError } from './graph-error.ts'
import { plan } from './operations.ts'
import { readQuery } from './query.ts'
import type { Call, Service } from './service.ts'
import { upload } from './upload-host.ts'

/** One request that came, for tests to count. */
export interface SeenRequest {
  /** Such as `list children`, `upload fragment`, `download bytes`; empty when it is none. */
  readonly operation: string
  readonly method: string
  /** As the client meant it, with the vendor's host. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Milliseconds since 1970. */
  readonly time: number
  readonly status: number
  /** Code of the error. */
  readonly error: string | undefined
}

interface Known {
  operation: string
  failure: Failure | undefined
}

export async function serve(
  service: Service,
  failing: Failures,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  record: (request: SeenRequest) => void,
): Promise<void> {
  const url = urlOf(incoming)
  const time = Date.now()
  const known: Known = { operation: '', failure: undefined }
  const meet = (operation: string): void => {
    known.operation = operation
    known.failure = failing.next(operation)
    if (known.failure) refuse(known.failure)
  }
  const answer = await respond(service, incoming, url, meet).catch((error: unknown) => {
    if (error instanceof Cut) return breakOff(incoming, error.bytes)
    return errorAnswer(error, incoming)
  })
  const final = changedStatus(answer, known.failure)
  const { headers, method = '' } = incoming
  record({
    operation: known.operation,
    method,
    url: url.href,
    headers,
    time,
    status: final.status,
    error: codeOf(final),
  })
  if (final.status === 0) return
  // What is refused is not always read.
  incoming.resume()
  send(final, incoming, outgoing, known.failure?.after)
}

/** Takes in so many bytes, then no more. */
async function breakOff(incoming: IncomingMessage, bytes: number): Promise<Answer> {
  let seen = 0
  for await (const chunk of incoming) {
    seen += Buffer.isBuffer(chunk) ? chunk.length : 0
    if (seen >= bytes) break
  }
  incoming.socket.destroy()
  return { status: 0 }
}

const codeOf = ({ json, status }: Answer): string | undefined => {
  const error = status >= 400 ? json?.error : undefined
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined
}

/** Without a proxy in between it is Graph that is meant. */
function urlOf({ url = '/', headers }: IncomingMessage): URL {
  const { 'x-forwarded-host': meant } = headers
  return new URL(url, `https://${typeof meant === 'string' ? meant : worldwide.graph}`)
}

async function respond(
  service: Service,
  incoming: IncomingMessage,
  url: URL,
  meet: (operation: string) => void,
): Promise<Answer> {
  const { method = 'GET', headers } = incoming
  const cloud = cloudOf(url.hostname)
  if (cloud !== undefined) {
    const [, version, path = ''] = /^\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? []
    if (version !== 'v1.0' && version !== 'beta')
      throw new GraphError('BadRequest', { message: `Invalid version: ${version ?? ''}` })
    const unknown = { user: undefined, application: '', scopes: [] }
    const call: Call = {
      service,
      caller: unknown,
      cloud,
      method,
      url,
      query: readQuery(url.searchParams),
      headers,
      incoming,
    }
    return graph(call, path, meet)
  }
  return pathOfHost(service, incoming, url, meet)
}

async function graph(unproven: Call, path: string, meet: (operation: string) => void): Promise<Answer> {
  const call = { ...unproven, caller: callerOf(unproven.service, unproven.cloud, unproven.headers) }
  const { name, run } = plan(call, readAddress(call, path))
  meet(name)
  return run()
}

/** Hosts of contents, each with addresses that say who may. */
async function pathOfHost(
  service: Service,
  incoming: IncomingMessage,
  url: URL,
  meet: (operation: string) => void,
): Promise<Answer> {
  const { method = 'GET', headers } = incoming
  const { hostname, pathname, searchParams } = url
  const [, last = ''] = /\/([^/]*)$/.exec(pathname) ?? []
  const monitored = hostname === monitorHost || pathname.startsWith('/_api/v2.0/monitor/')
  const uploaded =
    hostname === uploadHost
      ? last
      : pathname === '/_api/v2.0/uploadSession'
        ? (searchParams.get('guid') ?? '')
        : undefined
  const token = hostname === downloadHost ? last.replace(/^y4m/, '') : searchParams.get('tempauth')
  if (monitored) {
    meet('monitor copy')
    return monitor(service, method, last, headers.authorization)
  }
  if (uploaded !== undefined) {
    meet(uploadNames[method] ?? 'upload')
    const caller = { user: undefined, application: '', scopes: [] }
    const cloud = cloudOfContent(hostname)
    return upload({ service, caller, cloud, method, url, query: new Map(), headers, incoming }, uploaded)
  }
  meet('download bytes')
  return download(service, method, token ?? '', headers)
}

const uploadNames: Readonly<Record<string, string>> = {
  PUT: 'upload fragment',
  GET: 'upload status',
  POST: 'complete upload',
  DELETE: 'cancel upload',
}

function errorAnswer(error: unknown, { headers }: IncomingMessage): Answer {
  const known = asGraphError(error) ?? new GraphError('generalException', { message: String(error) })
  const identifier = randomUUID()
  const echoed = headers['client-request-id'] ?? identifier
  const innerError: Json = {
    ...(known.inner !== undefined && { code: known.inner }),
    date: new Date().toISOString().slice(0, 19),
    'request-id': identifier,
    'client-request-id': echoed,
  }
  const json = { error: { code: known.code, message: known.message, innerError } }
  return { status: known.status, headers: known.headers, json }
}

const jsonType = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'

function send(
  { status, headers = {}, json, bytes }: Answer,
  { method }: IncomingMessage,
  outgoing: ServerResponse,
  after?: number,
): void {
  const body = bytes ?? (json === undefined ? undefined : Buffer.from(JSON.stringify(json)))
  outgoing.writeHead(status, {
    'request-id': randomUUID(),
    'Cache-Control': 'no-store',
    ...(json && { 'Content-Type': jsonType, 'OData-Version': '4.0' }),
    ...headers,
    ...(status !== 204 && status !== 304 && { 'Content-Length': body?.length ?? 0 }),
  })
  if (after === undefined) {
    outgoing.end(method === 'HEAD' ? undefined : body)
    return
  }
  // The head goes out with the first bytes.
  if (after === 0) outgoing.destroy()
  else outgoing.write((body ?? Buffer.alloc(0)).subarray(0, after), () => outgoing.destroy())
}
