import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { addressOf } from '../fault-proxy.ts'
import type { Account, FindAccount } from './access.ts'
import { readBindings } from './access-lists.ts'
import { ApiError } from './api-error.ts'
import { makeBucket } from './bucket-fields.ts'
import type { Answer, Project, Simulation } from './exchange.ts'
import type { JsonObject } from './json.ts'
import { answerRequest, type Arrival, readTarget, refusal, send } from './serving.ts'
import { type Bucket, findVersion, type StoredObject } from './state.ts'
import { patient } from '../patient.ts'

export interface GoogleCloudStorageOptions {
  /** Who comes with a token. Without it nobody has to log in, and everybody may do everything. */
  readonly findAccount?: FindAccount | undefined
  /** Default: one, `filegate-test`, number 123456789012. */
  readonly projects?: readonly Project[] | undefined
  /** The most entries that one page of a listing has. Default 1000, as the service has it. */
  readonly pageLimit?: number | undefined
  /** Makes every rewrite of something larger take several calls. */
  readonly rewriteBytesPerCall?: number | undefined
}

/** What the simulator answers in place of a result. */
export interface Throttle {
  readonly status: 408 | 429 | 500 | 502 | 503 | 504
  /** The header Retry-After. */
  readonly retryAfter?: string | undefined
}

export interface RecordedRequest {
  /** `objects.list` and the like; `undefined` for what is no method of the API. */
  readonly call: string | undefined
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** 0 until it is answered. */
  readonly status: number
}

export interface NewBucket extends JsonObject {
  readonly name: string
}

export interface GoogleCloudStorage {
  /** `http://127.0.0.1:port`, what clients take for `https://storage.googleapis.com`. */
  readonly endpoint: string
  readonly port: number
  readonly projects: readonly Project[]
  /** Everything that came since `forget`. */
  readonly requests: readonly RecordedRequest[]
  /** How often each method was called since `forget`. */
  count(call: string): number
  forget(): void
  /** For each of the next requests whose call begins so, one of these in place of the answer. */
  throttle(call: string, ...answers: readonly Throttle[]): void
  /**
   * Puts a bucket there, past all rights. One of another `project` is a stranger's: then `bindings` say who may do what
   * in it (`{ role: 'roles/storage.objectViewer', members: ['allUsers'] }`).
   */
  addBucket(
    bucket: NewBucket,
    setting?: { readonly project?: string; readonly bindings?: readonly JsonObject[] },
  ): Bucket
  /** An object as it is kept, past all rights. */
  find(bucket: string, object: string): StoredObject | undefined
  close(): Promise<void>
}

export const defaultProject: Project = { id: 'filegate-test', number: '123456789012' }

export type { Account, FindAccount, Project }

const throttled: Readonly<Record<Throttle['status'], ApiError>> = {
  408: new ApiError(408, 'requestTimeout', 'Request Timeout'),
  429: new ApiError(429, 'rateLimitExceeded', 'The object exceeded the rate limit for object mutation operations.', {
    domain: 'usageLimits',
  }),
  500: new ApiError(500, 'backendError', 'We encountered an internal error. Please try again.'),
  502: new ApiError(502, 'badGateway', 'Bad Gateway'),
  503: new ApiError(503, 'backendError', 'Backend Error'),
  504: new ApiError(504, 'gatewayTimeout', 'Gateway Timeout'),
}

function throttledAnswer({ status, retryAfter }: Throttle): Answer {
  const { headers, ...answer } = refusal(throttled[status], false)
  return { ...answer, headers: { ...headers, ...(retryAfter !== undefined && { 'retry-after': retryAfter }) } }
}

/** A simulator of the JSON API of Google Cloud Storage, in memory, on a port of loopback. */
export async function startGoogleCloudStorage(options: GoogleCloudStorageOptions = {}): Promise<GoogleCloudStorage> {
  const projects = options.projects ?? [defaultProject]
  const simulation: Simulation = {
    projects,
    buckets: new Map(),
    uploads: new Map(),
    rewrites: new Map(),
    pageLimit: options.pageLimit ?? 1000,
    rewriteBytesPerCall: options.rewriteBytesPerCall,
  }
  const requests: RecordedRequest[] = []
  const throttles: { readonly call: string; readonly answer: Throttle }[] = []

  const server = createServer(patient, (incoming, outgoing) => {
    const { method = '', url: target = '', headers } = incoming
    const arrival = readTarget(method, target)
    const call = arrival.found?.call.name
    const request = { call, method, target, headers, status: 0 }
    requests.push(request)
    const begin = (status: number): void => void (request.status = status)
    serve(incoming, outgoing, arrival, begin).catch(() => outgoing.destroy())
  })

  async function serve(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    arrival: Arrival,
    begin: (status: number) => void,
  ): Promise<void> {
    const at = throttles.findIndex(({ call }) => arrival.found?.call.name.startsWith(call))
    const [planned] = at < 0 ? [] : throttles.splice(at, 1)
    const answer = planned
      ? throttledAnswer(planned.answer)
      : await answerRequest(incoming, arrival, simulation, options.findAccount)
    // A client that still sends what nobody reads would wait forever.
    incoming.resume()
    // Before a client can have the answer.
    begin(answer.status)
    await send(outgoing, answer)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = addressOf(server)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    projects,
    requests,
    count: (call) => requests.filter((request) => request.call === call).length,
    forget: () => void requests.splice(0),
    throttle: (call, ...answers) => void throttles.push(...answers.map((answer) => ({ call, answer }))),
    addBucket(resource, { project = projects[0]?.number ?? defaultProject.number, bindings = [] } = {}) {
      const bucket = makeBucket(resource, new URLSearchParams(), project)
      bucket.iam = readBindings({ bindings })
      simulation.buckets.set(bucket.name, bucket)
      return bucket
    },
    find(name, object) {
      const bucket = simulation.buckets.get(name)
      return bucket && findVersion(bucket, object)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
