import { createHash, randomBytes } from 'node:crypto'
import { invalidGrant, TokenError } from './token-error.ts'
import { readScopes, type RefreshGrant, type TokenDirectory } from './token-directory.ts'

/** What a user allowed, until the client fetches its tokens. */
export interface AuthorizationCode {
  readonly clientId: string
  readonly redirectUri: string
  readonly email: string
  readonly scopes: readonly string[]
  /** RFC 7636; `plain` keeps the verifier itself. */
  readonly challenge: { readonly method: 'S256' | 'plain'; readonly value: string } | undefined
  /** Whether a refresh token comes with the tokens. */
  readonly isOffline: boolean
  /** Milliseconds since 1970. */
  readonly ends: number
  used: boolean
}

/** How the page of Google's that asks a user is answered: by whom, or with a no. */
export type Consent = { readonly email: string; readonly scopes?: readonly string[] | undefined } | 'denied'

export type PageAnswer =
  | { readonly redirect: string }
  /** What is wrong with the request itself is shown to the user, and nobody is sent anywhere. */
  | { readonly status: number; readonly error: string }

/** Milliseconds that a code is good for. */
const lifetime = 10 * 60_000

const loopback = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$)/

/** developers.google.com/identity/protocols/oauth2/web-server, "Step 1", and native-app for what loopback may. */
export function authorizePage(directory: TokenDirectory, query: URLSearchParams, consent: Consent): PageAnswer {
  const text = (name: string): string => query.get(name) ?? ''
  const redirectUri = text('redirect_uri')
  const clientId = text('client_id')
  const client = directory.clients.get(clientId)
  const refuse = (error: string, status = 400): PageAnswer => ({ status, error })
  if (!client) return refuse('invalid_client: The OAuth client was not found.', 401)
  const known = client.redirectUris ?? []
  if (!known.includes(redirectUri) && !(client.installed && loopback.test(redirectUri)))
    return refuse('redirect_uri_mismatch')
  if (text('response_type') !== 'code') return refuse('unsupported_response_type')
  const method = query.get('code_challenge_method') ?? 'plain'
  const challenge = query.get('code_challenge')
  if (challenge !== null && !/^[\w.~-]{43,128}$/.test(challenge)) return refuse('invalid_request: code_challenge')
  if (method !== 'S256' && method !== 'plain') return refuse('invalid_request: code_challenge_method')
  const scopes = scopesOf(query)
  if (!scopes) return refuse('invalid_scope')

  const target = new URL(redirectUri)
  const state = query.get('state')
  if (state !== null) target.searchParams.set('state', state)
  if (consent === 'denied') {
    target.searchParams.set('error', 'access_denied')
    return { redirect: target.href }
  }
  const granted = consent.scopes ?? scopes
  const isFirst = ![...directory.refreshGrants.values()].some(
    (grant) => grant.clientId === clientId && grant.email === consent.email && !grant.revoked,
  )
  const isOffline = text('access_type') === 'offline' && (isFirst || text('prompt').split(' ').includes('consent'))
  const code = `4/0A${randomBytes(36).toString('base64url')}`
  directory.codes.set(code, {
    clientId,
    redirectUri,
    email: consent.email,
    scopes: granted,
    challenge: challenge === null ? undefined : { method, value: challenge },
    isOffline,
    ends: directory.now() + lifetime,
    used: false,
  })
  target.searchParams.set('code', code)
  target.searchParams.set('scope', granted.join(' '))
  return { redirect: target.href }
}

function scopesOf(query: URLSearchParams): readonly string[] | undefined {
  try {
    return readScopes(query.get('scope') ?? undefined)
  } catch (error) {
    if (error instanceof TokenError) return undefined
    throw error
  }
}

/** Takes a code for the client that it was made for; a second time it is worth nothing. */
export function redeemCode(directory: TokenDirectory, clientId: string, form: URLSearchParams): AuthorizationCode {
  const code = directory.codes.get(form.get('code') ?? '')
  if (!code || code.used || code.ends <= directory.now()) throw invalidGrant('Malformed auth code.')
  if (code.clientId !== clientId) throw new TokenError(401, 'unauthorized_client', 'Unauthorized')
  if (code.redirectUri !== form.get('redirect_uri')) throw new TokenError(400, 'redirect_uri_mismatch', 'Bad Request')
  checkVerifier(code, form.get('code_verifier'))
  code.used = true
  return code
}

function checkVerifier({ challenge }: AuthorizationCode, verifier: string | null): void {
  if (!challenge) return
  if (verifier === null) throw invalidGrant('Missing code verifier.')
  const proof = challenge.method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url')
  if (proof !== challenge.value) throw invalidGrant('Invalid code verifier.')
}

/** A login that lasts. */
export function addRefreshToken(directory: TokenDirectory, grant: Omit<RefreshGrant, 'revoked'>): string {
  const refreshToken = `1//${randomBytes(48).toString('base64url')}`
  directory.refreshGrants.set(refreshToken, { ...grant, revoked: false })
  return refreshToken
}
