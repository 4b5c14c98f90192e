import { StorageError } from '@filegate/core'
import { httpErrors, jsonType } from '../errors.ts'
import { preferredType } from '../http/accept.ts'
import { cookieValue } from '../http/cookies.ts'
import { httpNameOf, problem } from '../http/problem.ts'
import { publicUrl, publicUrlOf } from '../http/public-url.ts'
import { Query } from '../http/query.ts'
import { searchOfTarget } from '../http/read-request.ts'
import { checkSameOrigin } from '../http/same-origin.ts'
import { cookieName, type Destination } from '../oauth/authorization.ts'
import { allowedPage, crossingPage, refusedPage } from '../pages/authorize-page.ts'
import { pageHeaders } from '../pages/page.ts'
import { type Administration, administered } from './administration.ts'

const callback = '/api/v1/oauth/callback'
const answers = ['text/html', 'application/json'] as const
const noStore = { 'cache-control': 'no-store' } as const

const wantsJson = ({ incoming }: Administration): boolean =>
  preferredType(incoming.header('accept'), answers) === 'application/json'

/** Browsers name it; what takes anything is a program. */
const wantsHtml = ({ incoming }: Administration): boolean => /\btext\/html\b/.test(incoming.header('accept') ?? '')

/**
 * GET /api/v1/backends/{id}/authorize sends a user to the vendor. Who comes from a page of another origin is asked first: somebody
 * else may have chosen this moment, and the account that the browser is logged in with there.
 */
export async function startAuthorization(request: Administration, id: string): Promise<Response> {
  return withPage(request, wantsHtml(request), () => started(request, id))
}

async function started(request: Administration, id: string): Promise<Response> {
  const { incoming, scope, settings, reply } = request
  const backends = administered(request, 'look')
  const asJson = wantsJson(request)
  const base = publicUrl(settings, incoming)
  if (asJson) checkSameOrigin(incoming)
  const destination = await backends.destination(id)
  // What only looks begins nothing.
  const isLooking = incoming.request.method === 'HEAD'
  if (isLooking || (!asJson && !isOwn(request, base, destination))) {
    return reply(200, { ...pageHeaders, ...noStore }, crossingPage(request, { id, ...destination }))
  }
  if (base === undefined) {
    const message =
      'This request does not say under which name the server is reached; it has to be started with --public-url.'
    throw problem('InvalidArgument', { code: 'PUBLIC_URL_UNKNOWN' }, message)
  }
  const begun = await backends.startAuthorization(id, { user: scope.user, redirectUri: `${base}${callback}` })
  const seconds = begun.lasts / 1000
  const headers = { ...noStore, 'set-cookie': setCookie(base, begun.cookie, seconds) }
  if (!asJson) return reply(302, { ...headers, location: begun.url }, null)
  const body = { success: true, data: { id, url: begun.url, expires_in: seconds } }
  return reply(200, { ...headers, 'content-type': jsonType }, JSON.stringify(body))
}

/**
 * Whether it was the user who came here. Over plain HTTP to another machine browsers do not say so; there only a page of ours, whose
 * address they send along, shows it. What is no browser has nothing that could be misused. An address that somebody chose is
 * shown before: links to this server would lead anywhere else.
 */
function isOwn(
  request: Administration,
  base: string | undefined,
  { isChosen }: Pick<Destination, 'isChosen'>,
): boolean {
  const { header } = request.incoming
  const site = header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin' || (site === 'none' && !isChosen)
  if (header('origin') === undefined && !wantsHtml(request)) return true
  const from = URL.parse(header('referer') ?? '')?.href
  return base !== undefined && ownPages.some((path) => from?.startsWith(`${base}${path}`) === true)
}

/** Below which there are pages of ours, and no files that somebody put there. */
const ownPages = ['/api/v1/backends/', '/api/v1/oauth/'] as const

/** Sent with the redirect of the vendor, which is a navigation from another site: `Lax`. */
function setCookie(base: string, { name, value }: { name: string; value: string }, seconds: number): string {
  const { pathname, protocol } = new URL(`${base}${callback}`)
  const secure = protocol === 'https:' ? '; Secure' : ''
  return `${name}=${value}; Path=${pathname}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`
}

/** GET /api/v1/oauth/callback: where the vendor sends the user back to. */
export async function finishAuthorization(request: Administration): Promise<Response> {
  return withPage(request, !wantsJson(request), () => finished(request))
}

/** Whoever looks at it in a browser is told in a page what went wrong. */
async function withPage(request: Administration, isPage: boolean, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer()
  } catch (error) {
    // Whoever is asked to log in comes back to the same address.
    if (!isPage || !StorageError.is(error) || error.code === 'Unauthenticated') throw error
    const own = httpNameOf(error)
    const status = own?.status ?? httpErrors[error.code][0]
    const link = own?.links?.['authorize_url']
    const again = link === undefined ? undefined : publicUrlOf(request.settings, request.incoming)(link)
    return request.reply(status, { ...pageHeaders, ...noStore }, refusedPage(request, error.message, again))
  }
}

async function finished(request: Administration): Promise<Response> {
  const { incoming, scope, settings, reply } = request
  const backends = administered(request, 'look')
  // What only looks must not use up what works once.
  if (incoming.request.method === 'HEAD') return reply(200, { ...pageHeaders, ...noStore }, null)
  const query = new Query(searchOfTarget(incoming.target))
  const [state, code, error, issuer] = ['state', 'code', 'error', 'iss'].map((name) => query.text(name) || undefined)
  if (state === undefined || (code === undefined && error === undefined)) {
    throw new StorageError('InvalidArgument', 'Vendors send users here, with a state and a code.')
  }
  const cookie = (name: string): string | undefined => cookieValue(incoming.header('cookie'), name)
  const { signal } = incoming.request
  const facts = await backends.finishAuthorization({ state, code, error, issuer, user: scope.user, cookie, signal })
  const base = publicUrlOf(settings, incoming)('')
  const { pathname } = new URL(`${base}${callback}`, 'http://localhost')
  const headers = {
    ...noStore,
    'set-cookie': `${cookieName(state)}=; Path=${pathname}; Max-Age=0; HttpOnly; SameSite=Lax`,
  }
  if (!wantsJson(request)) return reply(200, { ...pageHeaders, ...headers }, allowedPage(request, facts))
  const { id, status } = facts
  const body = { success: true, message: 'Access was allowed, and works', data: { id, status } }
  return reply(200, { ...headers, 'content-type': jsonType }, JSON.stringify(body))
}
