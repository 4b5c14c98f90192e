import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Answer } from './answer.ts'
import { type Authorization, authorize, type TokenCheck } from './authorize.ts'
import { formatTime, now } from './file-time.ts'
import { checkShareName, parsePath } from './names.ts'
import { type Operation, operations, type Scene } from './operations.ts'
import { booleanHeader, readRequest, type ServiceRequest } from './request.ts'
import type { Signer } from './sas.ts'
import { type ErrorCode, invalidQuery, ServiceError } from './service-error.ts'
import { xmlAnswer } from './share.ts'
import type { Account, Share } from './tree.ts'
import { element } from './xml.ts'

/** One request that came, for tests to count. */
export interface SeenRequest {
  /** As the reference calls it, such as `Put Range`; empty when it is none. */
  readonly operation: string
  readonly method: string
  /** Path and query as they came. */
  readonly target: string
  /** Of x-ms-range or Range. */
  readonly range: string | undefined
  readonly authorization: Authorization | undefined
  readonly status: number
  /** Of x-ms-error-code. */
  readonly error: string | undefined
}

export interface Refusal {
  readonly code?: Extract<ErrorCode, 'ServerBusy' | 'InternalError' | 'OperationTimedOut'>
  /** Seconds, in the header Retry-After. */
  readonly retryAfter?: number
  /** Refuses only operations of this name. */
  readonly operation?: string
}

export interface Service {
  readonly signer: Signer
  readonly account: Account
  readonly secure: boolean
  readonly checkToken: TokenCheck
  readonly copyDelay: number
  /** What is refused next, and how often. */
  readonly refusals: (Refusal & { left: number })[]
}

/** What has become known of a request by the time it is answered. */
interface Known {
  operation?: Operation
  authorization?: Authorization
}

export async function serve(
  service: Service,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  record: (request: SeenRequest) => void,
): Promise<void> {
  const identifier = randomUUID()
  const known: Known = {}
  const answer = await respond(service, incoming, known).catch((error: unknown) => refusalAnswer(error, identifier))
  const { 'x-ms-version': version, 'x-ms-client-request-id': echoed } = incoming.headers
  const common = {
    Server: 'Windows-Azure-File/1.0 Microsoft-HTTPAPI/2.0',
    'x-ms-request-id': identifier,
    ...(version !== undefined && { 'x-ms-version': version }),
    ...(echoed !== undefined && { 'x-ms-client-request-id': echoed }),
  }
  const { headers = {}, body, length = 0 } = answer
  const { 'x-ms-range': signedRange, range = signedRange } = incoming.headers
  record({
    operation: known.operation?.name ?? '',
    method: incoming.method ?? '',
    target: incoming.url ?? '',
    range: Array.isArray(range) ? range.join(',') : range,
    authorization: known.authorization,
    status: answer.status,
    error: headers['x-ms-error-code'],
  })
  outgoing.writeHead(answer.status, {
    ...common,
    ...headers,
    ...(answer.status !== 204 && { 'Content-Length': length }),
  })
  if (incoming.method === 'HEAD' || body === undefined) outgoing.end()
  else await pipeline(Readable.from(body, { objectMode: false }), outgoing)
}

async function respond(service: Service, incoming: IncomingMessage, known: Known): Promise<Answer> {
  const { signer, account } = service
  const request = readRequest(incoming, signer.account, service.secure)
  const [shareName = '', ...rest] = request.path.split('/')
  const written = rest.join('/')
  const operation = operationOf(request, shareName, written)
  known.operation = operation
  throttle(service, operation)
  known.authorization = authorize(request, operation, { share: shareName, path: written }, signer, service.checkToken)
  refuseConditions(request)
  const path = parsePath(written, booleanHeader(request, 'x-ms-allow-trailing-dot'))
  const snapshot = request.parameter('sharesnapshot')
  // There are none, and none could be written to.
  if (snapshot !== undefined && request.method === 'PUT') throw invalidQuery('sharesnapshot', snapshot)
  if (snapshot !== undefined) throw new ServiceError('ResourceNotFound')
  const scene: Scene = {
    request,
    account,
    signer,
    shareName,
    path,
    copyDelay: service.copyDelay,
    get share(): Share {
      const share = account.get(checkShareName(shareName))
      if (share === undefined) throw new ServiceError('ShareNotFound')
      return share
    },
  }
  return operation.run(scene)
}

function operationOf(request: ServiceRequest, shareName: string, path: string): Operation {
  const level = shareName === '' ? 'account' : request.parameter('restype') === 'share' ? 'share' : 'entry'
  if (level === 'share' && path !== '') throw new ServiceError('InvalidUri')
  const fitting = operations.filter(
    (operation) =>
      operation.level === level &&
      operation.restype === request.parameter('restype') &&
      operation.comp === request.parameter('comp') &&
      (operation.having === undefined || request.header(operation.having) !== undefined),
  )
  const found = fitting.find(({ method }) => method === request.method)
  if (found === undefined) throw new ServiceError(fitting.length === 0 ? 'InvalidUri' : 'UnsupportedHttpVerb')
  // Only a directory can be what a share's own path names.
  if (level === 'entry' && found.restype === undefined && path === '') throw new ServiceError('InvalidUri')
  return found
}

function throttle({ refusals }: Service, { name }: Operation): void {
  const refusal = refusals.find(({ left, operation = name }) => left > 0 && operation === name)
  if (refusal === undefined) return
  refusal.left -= 1
  const { code = 'ServerBusy', retryAfter } = refusal
  throw new ServiceError(code, {}, retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) })
}

/** Files know no conditions: their operations list none of these headers. */
function refuseConditions(request: ServiceRequest): void {
  const conditions = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since']
  const given = conditions.find((name) => request.header(name) !== undefined)
  if (given !== undefined) throw new ServiceError('ConditionHeadersNotSupported', { HeaderName: given })
}

function refusalAnswer(error: unknown, identifier: string): Answer {
  const refusal = error instanceof ServiceError ? error : new ServiceError('InternalError', { Detail: String(error) })
  const message = `${refusal.message}\nRequestId:${identifier}\nTime:${formatTime(now())}`
  const details = Object.entries(refusal.details).map(([name, value]) => element(name, value))
  const envelope = element('Error', [element('Code', refusal.code), element('Message', message), ...details])
  return xmlAnswer(envelope, { 'x-ms-error-code': refusal.code, ...refusal.headers }, refusal.status)
}
