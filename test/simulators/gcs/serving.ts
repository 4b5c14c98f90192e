import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { findCall, type FoundCall } from '../find-call.ts'
import { type Caller, type FindAccount, identify, trusted } from './access.ts'
import { ApiError, notFound } from './api-error.ts'
import { type Call, calls } from './calls.ts'
import type { Answer, Simulation } from './exchange.ts'
import { parseFields, selectFields } from './partial-response.ts'

export interface Arrival {
  readonly query: URLSearchParams
  readonly found: FoundCall<Call> | undefined
}

/** The path is cut before anything is decoded: names of objects may hold every character. */
export function readTarget(method: string, target: string): Arrival {
  const [path = '', ...rest] = target.split('?')
  const query = new URLSearchParams(rest.join('?'))
  // Some clients go on with an upload by POST; the address of a session tells it from a new one.
  const meant = method === 'POST' && query.has('upload_id') ? 'PUT' : method
  return { query, found: findCall(calls, meant, path) ?? findCall(calls, method, path) }
}

/** What one request is answered with, whatever comes. */
export async function answerRequest(
  incoming: IncomingMessage,
  { query, found }: Arrival,
  simulation: Simulation,
  findAccount: FindAccount | undefined,
): Promise<Answer> {
  try {
    return await answerCall(incoming, query, found, simulation, findAccount)
  } catch (error) {
    if (incoming.destroyed && !incoming.complete) throw error
    return refusal(error, query.get('alt') === 'media')
  }
}

async function answerCall(
  incoming: IncomingMessage,
  query: URLSearchParams,
  found: FoundCall<Call> | undefined,
  simulation: Simulation,
  findAccount: FindAccount | undefined,
): Promise<Answer> {
  if (!found) throw notFound()
  const { headers } = incoming
  const fields = query.get('fields')
  const selection = fields === null || fields === '' ? undefined : parseFields(fields)
  const caller: Caller =
    !findAccount || found.call.needsNoLogin
      ? trusted
      : identify(headers.authorization, query.get('access_token'), findAccount)
  const { places } = found
  const origin = `http://${headers.host}`
  const answer = await found.call.answer({ simulation, origin, query, places, headers, incoming, caller })
  return selection && answer.json !== undefined ? { ...answer, json: selectFields(answer.json, selection) } : answer
}

export function refusal(error: unknown, asText: boolean): Answer {
  const known = error instanceof ApiError ? error : new ApiError(500, 'backendError', String(error))
  const headers = known.place.headers ?? {}
  if (known.status === 304 || known.status === 499) return { status: known.status, headers }
  const type = headers['content-type'] ?? 'text/html; charset=UTF-8'
  // Where bytes were asked for, and about the transfer of bytes, the service only says what is wrong.
  if (asText || headers['content-type'] !== undefined) {
    return { status: known.status, headers: { ...headers, 'content-type': type }, text: known.message }
  }
  return { status: known.status, headers, json: known.envelope() }
}

export async function send(outgoing: ServerResponse, { status, headers, json, text, body }: Answer): Promise<void> {
  if (body) {
    outgoing.writeHead(status, headers)
    await pipeline(Readable.from(body), outgoing)
    return
  }
  const content = Buffer.from(json === undefined ? (text ?? '') : JSON.stringify(json))
  const bodiless = status === 204 || status === 304
  outgoing.writeHead(status, {
    ...(json !== undefined && { 'content-type': 'application/json; charset=UTF-8' }),
    ...(!bodiless && { 'content-length': String(content.length) }),
    ...headers,
  })
  outgoing.end(content)
}
