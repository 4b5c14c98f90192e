import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { TreeError } from '../cloud-tree/tree-error.ts'
import { type Answer, downloadAnswer, jsonAnswer, send, textAnswer } from './answer.ts'
import { ApiError, asPath, badInput, rateLimited, said, tagged, unauthorized, writeProblem } from './api-error.ts'
import { authorize } from './authorize.ts'
import type { Call, Download } from './call.ts'
import { temporaryUrl } from './download.ts'
import type { Failure } from './failures.ts'
import { linkKey } from './links.ts'
import { needRevision } from './metadata.ts'
import { answerAuthorize, answerToken, type OAuthAnswer } from './oauth.ts'
import { readBody, readCall } from './read-call.ts'
import { type ApiRoute, routes } from './routes.ts'
import type { State } from './state.ts'

/** One request that came, for tests to count. */
export interface SeenRequest {
  /** `files/upload`, `oauth2/token`, `temporary link`; empty when it is none. */
  readonly route: string
  readonly method: string
  /** Which of the vendor's hosts was meant, when something in between says so. */
  readonly host: string | undefined
  /** Path and query as they came. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly time: number
  /** What the call was about, as it came, once it was found to be good. */
  readonly argument: unknown
  /** Bytes that came as content. */
  readonly bytes: number
  readonly status: number
}

/** What has become known of a request by the time it is answered. */
interface Known {
  argument: unknown
  bytes: number
}

interface Arrival {
  readonly state: State
  readonly incoming: IncomingMessage
  readonly query: URLSearchParams
  readonly host: string | undefined
  readonly failure: Failure | undefined
  readonly signal: AbortSignal
  readonly known: Known
}

/** A part of the service that is no route of the API. */
interface Page {
  readonly name: string
  readonly path: RegExp
  readonly host: RegExp
  readonly answer: (arrival: Arrival, path: string) => Promise<Answer>
}

// The addresses of OAuth's first days still work; rclone has them.
const pages: readonly Page[] = [
  {
    name: 'oauth2/authorize',
    path: /^(?:\/1)?\/oauth2\/authorize$/,
    host: /^(?:www\.)?dropbox\.com$/,
    answer: authorizePage,
  },
  {
    name: 'oauth2/token',
    path: /^(?:\/1)?\/oauth2\/token$/,
    host: /^api\.dropbox(?:api)?\.com$/,
    answer: tokenEndpoint,
  },
  { name: 'shared link', path: /^\/scl\/f[io]\//, host: /^(?:www\.)?dropbox\.com$/, answer: sharedLinkPage },
  { name: 'temporary link', path: /^\/cd\/0\/get\//, host: /\.dl\.dropboxusercontent\.com$/, answer: temporaryLink },
]

const routeNamed = new Map(routes.map((route) => [route.name, route]))
const hosts = { api: 'api.dropboxapi.com', content: 'content.dropboxapi.com', notify: 'notify.dropboxapi.com' } as const

export async function serve(
  state: State,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  record: (request: SeenRequest) => void,
): Promise<void> {
  const { method = '', url = '', headers } = incoming
  const [path = '', ...rest] = url.split('?')
  const page = pages.find((one) => one.path.test(path))
  const name = page?.name ?? (path.startsWith('/2/') ? path.slice('/2/'.length) : '')
  const forwarded = headers['x-forwarded-host']
  const host = typeof forwarded === 'string' ? forwarded.replace(/:\d+$/, '').toLowerCase() : undefined
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const arrival: Arrival = {
    state,
    incoming,
    query: new URLSearchParams(rest.join('?')),
    host,
    failure: state.failures.next(name),
    signal: gone.signal,
    known: { argument: undefined, bytes: 0 },
  }
  const { failure, known } = arrival
  if (failure?.with === 'dropped') {
    record({
      route: name,
      method,
      host,
      url,
      headers,
      time: state.tree.now(),
      argument: undefined,
      bytes: 0,
      status: 0,
    })
    incoming.socket.resetAndDestroy()
    return
  }
  const answer = await answerTo(arrival, page, path, name)
  if (incoming.destroyed && !incoming.complete) return
  const status = failure?.with === 'lost' ? 0 : answer.status
  record({ route: name, method, host, url, headers, time: state.tree.now(), ...known, status })
  // A client that still sends what nobody reads would wait forever.
  incoming.resume()
  if (failure?.with === 'lost') incoming.socket.resetAndDestroy()
  else {
    const cut = failure?.with === 'cut' ? (failure.after ?? Math.floor(answer.body.length / 2)) : undefined
    await send(outgoing, answer, method !== 'HEAD', cut)
  }
}

async function answerTo(arrival: Arrival, page: Page | undefined, path: string, name: string): Promise<Answer> {
  try {
    const instead = arrival.failure && failureAnswer(arrival.failure)
    if (instead) {
      // Whoever reads no answer before everything was sent gets it all the same.
      await readBody(arrival.incoming, 0)
      throw instead
    }
    if (page) {
      if (arrival.host !== undefined && !page.host.test(arrival.host)) return textAnswer(404, 'Not Found')
      return await page.answer(arrival, path)
    }
    return await answerRoute(arrival, name)
  } catch (error) {
    return refusal(error, name)
  }
}

/** What is answered instead, where something is. */
const failureAnswer = (failure: Failure): ApiError | undefined => insteads[failure.with]?.(failure.retryAfter ?? 1)

const insteads: Readonly<Partial<Record<Failure['with'], (retryAfter: number) => ApiError>>> = {
  too_many_requests: (retryAfter) => rateLimited('too_many_requests', retryAfter),
  too_many_write_operations: (retryAfter) => rateLimited('too_many_write_operations', retryAfter),
  expired_access_token: () => unauthorized(tagged('expired_access_token')),
  invalid_access_token: () => unauthorized(tagged('invalid_access_token')),
  internal: () => new ApiError({ status: 500, body: 'Internal Server Error' }),
  unavailable: (retryAfter) =>
    new ApiError({ status: 503, headers: { 'retry-after': String(retryAfter) }, body: 'Service Unavailable' }),
}

function refusal(error: unknown, name: string): Answer {
  const { status, headers = {}, body } = asApiError(error).answer
  const answer = typeof body === 'string' ? textAnswer(status, body.replace('{route}', name)) : jsonAnswer(status, body)
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  // Who seeds the tree may have set a bound of its own.
  if (error instanceof TreeError && error.problem === 'no-space')
    return said(asPath, writeProblem('insufficient_space'))
  const reason = error instanceof Error ? error.stack : String(error)
  return new ApiError({ status: 500, body: `The simulator failed: ${reason}` })
}

async function answerRoute(arrival: Arrival, name: string): Promise<Answer> {
  const { state, incoming, query, host, known } = arrival
  const route = routeNamed.get(name)
  if (!route) {
    await readBody(incoming, 0)
    return textAnswer(name === '' ? 404 : 400, name === '' ? 'Not Found' : `Unknown API function: "${name}"`)
  }
  if (host !== undefined && host !== hosts[route.host]) {
    await readBody(incoming, 0)
    throw badInput(`The URL's host is "${host}".  This function has to be called on "${hosts[route.host]}".`)
  }
  checkQuery(route, query)
  const { argument, written, content } = await readCall(route, incoming, query, state.limits.request)
  known.bytes = content.length
  const { account, base } = authorize(state, route, incoming.headers)
  known.argument = written
  const contention = arrival.failure?.with === 'contention'
  const call: Call = { state, account, base, content, headers: incoming.headers, contention, signal: arrival.signal }
  const result = await route.run(call, argument)
  return route.style === 'download' ? downloadAnswer(asDownload(result), incoming.headers) : jsonAnswer(200, result)
}

function checkQuery(route: ApiRoute, query: URLSearchParams): void {
  const unknown = [...query.keys()].find((name) => name !== 'arg' || route.style === 'rpc')
  if (unknown !== undefined) throw badInput(`Unknown URL parameter: "${unknown}"`)
}

const isDownload = (value: unknown): value is Download =>
  typeof value === 'object' && value !== null && 'bytes' in value

function asDownload(value: unknown): Download {
  if (!isDownload(value)) throw new Error('A download gives bytes.')
  return value
}

const formType = /^application\/x-www-form-urlencoded\b/i

async function authorizePage({ state, incoming, query }: Arrival): Promise<Answer> {
  const form = new URLSearchParams((await readBody(incoming)).toString('utf8'))
  return oauthAnswer(answerAuthorize(state, incoming.method ?? '', query, form))
}

/** Fields are taken from a form and from the query, where the vendor's own client puts them. */
async function tokenEndpoint({ state, incoming, query, known }: Arrival): Promise<Answer> {
  const body = (await readBody(incoming)).toString('utf8')
  const { headers, method } = incoming
  if (method !== 'POST') return textAnswer(405, 'Method Not Allowed')
  if (body !== '' && !formType.test(headers['content-type'] ?? '')) {
    return jsonAnswer(400, { error: 'invalid_request', error_description: 'The body has to be a form.' })
  }
  const fields = new URLSearchParams([...query, ...new URLSearchParams(body)])
  known.argument = Object.fromEntries(fields)
  return oauthAnswer(answerToken(state, headers.authorization, fields))
}

function oauthAnswer({ status, location, html, json }: OAuthAnswer): Answer {
  if (json) return jsonAnswer(status, json)
  const answer = textAnswer(status, html ?? '', 'text/html; charset=utf-8')
  return location === undefined ? answer : { ...answer, headers: { ...answer.headers, location } }
}

/** What a browser gets: with `dl=1` or `raw=1` the way to the bytes, else a page about them. */
async function sharedLinkPage({ state, incoming, query }: Arrival, path: string): Promise<Answer> {
  await readBody(incoming, 0)
  const link = state.links.get(linkKey(`https://www.dropbox.com${path}?${query}`))
  const item = link && state.tree.get(link.item)
  const isOver = link?.settings?.expires !== undefined && link.settings.expires <= state.tree.now()
  const html = 'text/html; charset=utf-8'
  if (!item || state.tree.isTrashed(item.id) || isOver) return textAnswer(404, '<p>That item was deleted.', html)
  const isOpen = !(link.settings?.require_password === true) && link.settings?.audience?.tag !== 'team'
  const wantsBytes = query.get('dl') === '1' || query.get('raw') === '1'
  if (!isOpen || !wantsBytes || item.kind === 'folder')
    return textAnswer(200, `<p>${isOpen ? item.name : 'Log in.'}`, html)
  const answer = textAnswer(302, '', html)
  return { ...answer, headers: { ...answer.headers, location: temporaryUrl(state, item) } }
}

async function temporaryLink({ state, incoming }: Arrival, path: string): Promise<Answer> {
  await readBody(incoming, 0)
  if (incoming.method !== 'GET' && incoming.method !== 'HEAD') return textAnswer(405, 'Method Not Allowed')
  const link = state.temporaryLinks.get(path.split('/')[4] ?? '')
  const item = link && state.tree.get(link.item)
  if (!link || !item) return textAnswer(404, 'Not Found')
  if (link.expires <= state.tree.now() || state.tree.isTrashed(item.id)) return textAnswer(410, 'Gone')
  const { bytes, id: rev } = needRevision(item)
  return downloadAnswer({ bytes, result: undefined, rev, hasRanges: true }, incoming.headers)
}
