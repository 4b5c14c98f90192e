import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Caller } from './access.ts'
import { ApiError, invalidParameter, notFound, required } from './api-error.ts'
import type { Bucket } from './state.ts'
import type { UploadSession } from './resumable.ts'
import type { PendingRewrite } from './rewrite.ts'

export interface Project {
  readonly id: string
  readonly number: string
}

/** Everything that the simulator knows. */
export interface Simulation {
  /** Those whose members the callers are. */
  readonly projects: readonly Project[]
  readonly buckets: Map<string, Bucket>
  readonly uploads: Map<string, UploadSession>
  readonly rewrites: Map<string, PendingRewrite>
  /** The largest count of entries that one page of a listing has. */
  readonly pageLimit: number
  /** How much one call of rewrite copies, whatever is asked for; without it only what the contract says splits one. */
  readonly rewriteBytesPerCall: number | undefined
}

/** One request on its way to an answer. */
export interface Exchange {
  readonly simulation: Simulation
  /** Where the client found the service: `http://host:port`, as its header Host says. */
  readonly origin: string
  readonly query: URLSearchParams
  /** What the placeholders of the route stand for, decoded. */
  readonly places: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  readonly incoming: IncomingMessage
  readonly caller: Caller
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly text?: string
  /** Bytes; `Content-Length` is in the headers when it is to be said. */
  readonly body?: Iterable<Buffer>
}

export const json = (value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  headers,
  json: value,
})

export function place(exchange: Exchange, name: string): string {
  const value = exchange.places[name]
  if (value === undefined) throw notFound()
  return value
}

/** A parameter that is a whole number, 0 included. */
export function integerParameter(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  if (!/^\d{1,19}$/.test(value)) throw invalidParameter(name, value)
  return Number(value)
}

/** Some clients write it with a capital. */
export function booleanParameter(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)?.toLowerCase() ?? 'false'
  if (value === 'true') return true
  if (value === 'false') return false
  throw invalidParameter(name, value)
}

export function requiredParameter(query: URLSearchParams, name: string): string {
  const value = query.get(name)
  if (value === null || value === '') throw required(name)
  return value
}

export function oneOfParameter(query: URLSearchParams, name: string, allowed: readonly string[]): string | undefined {
  const value = query.get(name) ?? undefined
  if (value !== undefined && !allowed.includes(value)) throw invalidParameter(name, value)
  return value
}

/** The whole body. The contract's bound for metadata is far below this one. */
export async function readBody(incoming: IncomingMessage, limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of incoming) {
    if (!Buffer.isBuffer(piece)) continue
    size += piece.length
    if (size > limit) throw new ApiError(413, 'uploadTooLarge', 'The request is too large.')
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

export function oneHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
