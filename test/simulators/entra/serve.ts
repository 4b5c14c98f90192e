import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { authorize } from './authorize-endpoint.ts'
import type { Directory } from './directory.ts'
import { discoverInstance, keySet, openIdConfiguration } from './discovery.ts'
import { type Answer, EntraError } from './entra-error.ts'
import type { Grants } from './grants.ts'
import { isCurrent, isSignedBy, readToken } from './json-web-token.ts'
import { appServiceToken, metadataToken } from './managed-identity.ts'
import { requestToken } from './token-endpoint.ts'

export interface Ask {
  readonly method: string
  readonly url: URL
  readonly incoming: IncomingMessage
  /** Of a POST. */
  readonly form: URLSearchParams
}

const notFound: Answer = { status: 404, body: { error: 'not_found' } }
const wrongMethod: Answer = { status: 405, body: { error: 'method_not_allowed' } }

export async function handle(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  scheme: 'http' | 'https',
  respond: (ask: Ask) => Answer,
): Promise<void> {
  const { method = 'GET', url: target = '/', headers } = incoming
  // Who comes through a proxy means another host than this one.
  const { 'x-forwarded-host': meant } = headers
  const url = new URL(target, typeof meant === 'string' ? `https://${meant}` : `${scheme}://${headers.host}`)
  const form = new URLSearchParams(method === 'POST' ? await text(incoming) : '')
  const answer = respond({ method, url, incoming, form })
  const body = answer.page ?? JSON.stringify(answer.body)
  outgoing.writeHead(answer.status, {
    'Content-Type': `${answer.page === undefined ? 'application/json' : 'text/html'}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    ...answer.headers,
  })
  outgoing.end(body)
}

/** Who signs in, and what they allow. */
export interface SignIn {
  readonly directory: Directory
  readonly grants: Grants
  /** What users answer when they are asked. */
  consents: boolean
}

/** What login.microsoftonline.com answers. */
export function answerSignIn(ask: Ask, state: SignIn): Answer {
  try {
    return signIn(ask, state)
  } catch (error) {
    if (error instanceof EntraError) return error.answer
    throw error
  }
}

/** Names of tenants that stand for whatever tenant the user is of. */
const anyTenant = ['common', 'organizations', 'consumers']

function signIn({ method, url, form, incoming }: Ask, { directory, grants, consents }: SignIn): Answer {
  const [, tenant = '', ...rest] = url.pathname.split('/')
  const path = rest.join('/')
  if (path === 'discovery/instance') return discoverInstance(url.searchParams, incoming.headers.host ?? '')
  if (/^userrealm\//i.test(path)) return realmOf(decodeURIComponent(path.slice('userrealm/'.length)))
  if (![directory.tenant, ...directory.domains, ...anyTenant].includes(tenant.toLowerCase()))
    throw new EntraError(90002, tenant)
  const authority = `${url.origin}/${tenant}`
  if (path === 'oauth2/v2.0/token') {
    if (method !== 'POST') return wrongMethod
    // An application signs in to a tenant of which it is known which.
    if (anyTenant.includes(tenant) && form.get('grant_type') === 'client_credentials')
      throw new EntraError(90002, tenant)
    return requestToken({ form, directory, grants, authority })
  }
  if (path === 'oauth2/v2.0/authorize') {
    if (method !== 'GET') return wrongMethod
    return authorize({ query: url.searchParams, directory, grants, host: url.hostname, consents })
  }
  if (path === 'v2.0/.well-known/openid-configuration') return openIdConfiguration(authority, directory)
  return path === 'discovery/v2.0/keys' ? keySet(directory) : notFound
}

/** Older clients ask where a user signs in; all sign in here. */
const realmOf = (user: string): Answer => ({
  status: 200,
  body: {
    ver: '1.0',
    account_type: 'Managed',
    domain_name: user.split('@')[1] ?? '',
    cloud_instance_name: 'microsoftonline.com',
  },
})

/** What the machine itself answers. */
export function answerMachine(
  { method, url, incoming: { headers } }: Ask,
  directory: Directory,
  secret: string,
): Answer {
  const request = { query: url.searchParams, headers, directory }
  if (method !== 'GET') return wrongMethod
  // Microsoft's own client ends the path with a slash.
  const path = url.pathname.replace(/\/$/, '')
  if (path === '/metadata/identity/oauth2/token') return metadataToken(request)
  return path === '/msi/token' ? appServiceToken(request, secret) : notFound
}

/** Why a service does not take this token. */
export function reasonAgainst(text: string, { key, tenant, resources }: Directory): string | undefined {
  const token = readToken(text)
  if (token === undefined) return 'The token is not well formed.'
  if (token.header.alg !== 'RS256' || !isSignedBy(token, key.publicKey)) return 'Signature validation failed.'
  if (!isCurrent(token)) return 'Lifetime validation failed. The token is expired.'
  if (token.claims.iss !== `https://sts.windows.net/${tenant}/`) return 'Issuer validation failed.'
  const audience = String(token.claims.aud).replace(/\/$/, '')
  return resources.includes(audience) ? undefined : `Audience validation failed. Audiences: '${audience}'.`
}
