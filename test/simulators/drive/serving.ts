import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { TreeError, type TreeProblem } from '../cloud-tree/tree-error.ts'
import { findCall, type FoundCall } from '../find-call.ts'
import { ApiError } from '../gcs/api-error.ts'
import { oneHeader } from '../gcs/exchange.ts'
import type { TokenAccount } from '../google-token/start-google-tokens.ts'
import type { Caller } from './access.ts'
import { type Call, calls, commonParameters } from './calls.ts'
import {
  badRequest,
  DriveError,
  fileNotFound,
  forbidden,
  insufficientFilePermissions,
  invalidParameter,
  missingScope,
  noToken,
  wrongToken,
} from './drive-error.ts'
import type { Answer } from './exchange.ts'
import { partial } from './resource-fields.ts'
import type { Simulation } from './simulation.ts'

export type FindAccount = (token: string) => TokenAccount | undefined

export interface Arrival {
  readonly path: string
  readonly query: URLSearchParams
  readonly found: FoundCall<Call> | undefined
}

export function readTarget(incoming: IncomingMessage): Arrival {
  const { method = '', url = '', headers } = incoming
  const [path = '', ...rest] = url.split('?')
  const query = new URLSearchParams(rest.join('?'))
  // A client whose HTTP has no PATCH says so, and uploads go on by PUT and by POST.
  const meant = oneHeader(headers, 'x-http-method-override') ?? method
  const isSession = query.has('upload_id') && meant !== 'DELETE'
  return { path, query, found: findCall(calls, isSession ? 'PUT' : meant, path) }
}

const scopePrefix = 'https://www.googleapis.com/auth/'

/** Who asks: the token comes in the header, or, as the discovery document has it, in the query. */
export function callerOf(arrival: Arrival, incoming: IncomingMessage, findAccount: FindAccount): Caller {
  const { query, found } = arrival
  const keys = readKeys(oneHeader(incoming.headers, 'x-goog-drive-resource-keys'))
  if (found?.call.scopes === '') return { email: '', scopes: new Set(), keys }
  const [, inHeader] = /^Bearer +(\S+)$/i.exec(oneHeader(incoming.headers, 'authorization') ?? '') ?? []
  const token = inHeader ?? query.get('access_token') ?? query.get('oauth_token')
  if (token === null) throw oneHeader(incoming.headers, 'authorization') === undefined ? noToken() : wrongToken()
  const account = findAccount(token)
  if (!account) throw wrongToken()
  const scopes = new Set(account.scopes.map((scope) => scope.replace(scopePrefix, '')))
  const allowed = found?.call.scopes.split(' ') ?? []
  if (found && !allowed.some((scope) => scopes.has(scope))) {
    const published = allowed.filter((scope) => scope !== 'drive.appfolder').map((scope) => scopePrefix + scope)
    throw missingScope(published, `google.apps.drive.v3.${found.call.name}`)
  }
  return { email: account.email, scopes, keys }
}

/** `id/key,id/key` (developers.google.com/workspace/drive/api/guides/resource-keys) */
function readKeys(header: string | undefined): ReadonlyMap<string, string> {
  return new Map(
    (header ?? '')
      .split(',')
      .filter(Boolean)
      .map((pair): [string, string] => {
        const [id, key, ...more] = pair.trim().split('/')
        if (!id || key === undefined || more.length > 0)
          throw badRequest('Invalid value for X-Goog-Drive-Resource-Keys.')
        return [id, key]
      }),
  )
}

/** What the method does not know is refused, and so is what it knows in another form. */
function checkParameters({ parameters }: Call, query: URLSearchParams): void {
  const known = parameters.split(' ')
  for (const [name, value] of query) {
    if (commonParameters.includes(name) || known.includes(name)) continue
    const isBoolean = known.includes(`${name}?`)
    if (!isBoolean && !known.includes(`${name}#`))
      throw invalidParameter(
        name,
        `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter.`,
      )
    const isRight = isBoolean ? /^(?:true|false)$/i.test(value) : /^\d{1,9}$/.test(value)
    if (!isRight) throw invalidParameter(name, `Invalid value '${value}' for ${name}.`)
  }
  const alt = query.get('alt')
  if (alt !== null && alt !== 'json' && alt !== 'media')
    throw invalidParameter('alt', `Invalid value '${alt}' for alt.`)
}

/** What the tree refuses, in the service's words. */
const treeProblems: Readonly<Record<TreeProblem, (error: TreeError) => DriveError>> = {
  'not-found': ({ id = '' }) => fileNotFound(id),
  'not-a-folder': () => forbidden('parentNotAFolder', 'The specified parent is not a folder.'),
  'not-a-file': () => badRequest('A folder has no content.'),
  conflict: () => badRequest('The name is taken.'),
  cycle: () => badRequest('The addition of this parent would create a cycle in the directory graph.'),
  'no-space': () => forbidden('storageQuotaExceeded', "The user's Drive storage quota has been exceeded."),
  refused: () => insufficientFilePermissions(),
}

export async function answerCall(
  incoming: IncomingMessage,
  arrival: Arrival,
  simulation: Simulation,
  findAccount: FindAccount,
): Promise<Answer> {
  try {
    const { found, query, path } = arrival
    const caller = callerOf(arrival, incoming, findAccount)
    if (!found) throw new DriveError(404, 'notFound', 'Not Found')
    checkParameters(found.call, query)
    const { headers } = incoming
    const host = oneHeader(headers, 'x-forwarded-host')
    const proto = oneHeader(headers, 'x-forwarded-proto') ?? 'https'
    const origin = host === undefined ? `http://${headers.host}` : `${proto}://${host}`
    const exchange = { simulation, caller, origin, path, query, places: found.places, headers, incoming }
    const answer = await found.call.answer(exchange)
    if (answer.resource === undefined) return answer
    return { ...answer, json: partial(answer.resource, answer.json, query.get('fields')) }
  } catch (error) {
    if (incoming.destroyed && !incoming.complete) throw error
    return refusal(error instanceof TreeError ? treeProblems[error.problem](error) : error)
  }
}

export function refusal(error: unknown): Answer {
  const known = error instanceof ApiError ? error : new DriveError(500, 'internalError', String(error))
  const headers = known.place.headers ?? {}
  if (known.status === 499) return { status: 499, headers }
  // About the transfer of bytes the service only says what is wrong.
  if (headers['content-type'] !== undefined) return { status: known.status, headers, text: known.message }
  return { status: known.status, headers, json: known.envelope() }
}

/** @param cutAfter bytes of the body after which the connection breaks */
export async function send(outgoing: ServerResponse, answer: Answer, cutAfter?: number): Promise<void> {
  const { status, headers = {}, json, text, body } = answer
  const content = Buffer.from(json === undefined ? (text ?? '') : JSON.stringify(json))
  outgoing.writeHead(status, {
    ...(json !== undefined && { 'content-type': 'application/json; charset=UTF-8' }),
    ...(!body && status !== 204 && { 'content-length': String(content.length) }),
    ...headers,
  })
  if (cutAfter !== undefined) {
    const cut = Buffer.concat([...(body ?? [content])]).subarray(0, cutAfter)
    // Everything before the cut arrives.
    await new Promise((resolve) => outgoing.write(cut, resolve))
    outgoing.destroy()
    return
  }
  if (body) await pipeline(Readable.from(body), outgoing)
  else outgoing.end(content)
}
