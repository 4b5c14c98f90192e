import { createHash } from 'node:crypto'
import { type Account, team } from './accounts.ts'
import type { State } from './state.ts'
import { type App, type Code, type Grant, newAccessToken, newCode, newRefreshToken } from './token-directory.ts'

/** What the endpoints of OAuth answer. */
export interface OAuthAnswer {
  readonly status: number
  readonly location?: string
  readonly html?: string
  readonly json?: Readonly<Record<string, unknown>>
}

class Refused extends Error {
  readonly reason: string

  constructor(reason: string, description: string) {
    super(description)
    this.reason = reason
  }
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
const page = (status: number, body: string): OAuthAnswer => ({
  status,
  html: `<!doctype html><title>Dropbox</title><h1>API Request Authorization</h1>${body}`,
})
const errorPage = (message: string): OAuthAnswer => page(400, `<p>Error (400)<p>${escapeHtml(message)}`)

const known = [
  'client_id',
  'response_type',
  'redirect_uri',
  'state',
  'token_access_type',
  'scope',
  'include_granted_scopes',
  'code_challenge',
  'code_challenge_method',
  'require_role',
  'force_reapprove',
  'disable_signup',
  'locale',
  'force_reauthentication',
]

/** What somebody is asked to consent to. */
interface Consent {
  readonly app: App
  readonly redirectUri: string | undefined
  readonly state: string | null
  readonly scopes: readonly string[]
  readonly access: Code['access']
  readonly challenge: Code['challenge']
}

function isAllowedRedirect({ redirectUris }: App, uri: string): boolean {
  if (redirectUris) return redirectUris.includes(uri)
  const parsed = URL.parse(uri)
  return parsed?.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(parsed?.hostname ?? '')
}

/** @returns a page that says what is wrong, or what to consent to */
function readConsent({ tokens }: State, query: URLSearchParams): Consent | OAuthAnswer {
  const unknown = [...query.keys()].find((name) => !known.includes(name))
  if (unknown !== undefined) return errorPage(`Unknown parameter: "${unknown}".`)
  const app = tokens.apps.get(query.get('client_id') ?? '')
  if (!app) return errorPage(`Invalid client_id: "${query.get('client_id') ?? ''}".`)
  if (query.get('response_type') !== 'code') return errorPage('Invalid response_type: expected "code".')
  const redirectUri = query.get('redirect_uri') ?? undefined
  if (redirectUri !== undefined && !isAllowedRedirect(app, redirectUri)) {
    return errorPage(
      'Invalid redirect_uri. When the optional "redirect_uri" parameter is supplied, it must exactly match one of the redirect URIs configured for your app in the App Console.',
    )
  }
  const access = query.get('token_access_type') ?? 'online'
  if (access !== 'online' && access !== 'offline' && access !== 'legacy') {
    return errorPage(`Invalid token_access_type: "${access}".`)
  }
  const scopes = query.get('scope')?.split(' ').filter(Boolean) ?? app.scopes
  const strange = scopes.find((scope) => !app.scopes.includes(scope))
  if (strange !== undefined) return errorPage(`Your app is not permitted to request the scope "${strange}".`)
  const challenge = readChallenge(query)
  if (challenge === 'wrong') return errorPage('Invalid code_challenge.')
  return { app, redirectUri, state: query.get('state'), scopes, access, challenge }
}

/** RFC 7636. */
function readChallenge(query: URLSearchParams): Code['challenge'] | 'wrong' {
  const text = query.get('code_challenge')
  const method = query.get('code_challenge_method') ?? 'plain'
  if (text === null) return query.has('code_challenge_method') ? 'wrong' : undefined
  if (!/^[\w.~-]{43,128}$/.test(text) || (method !== 'S256' && method !== 'plain')) return 'wrong'
  return { text, method }
}

const isAnswer = (value: Consent | OAuthAnswer): value is OAuthAnswer => 'status' in value

/** The page that asks; its form comes back here with `choice`. */
export function answerAuthorize(
  state: State,
  method: string,
  query: URLSearchParams,
  form: URLSearchParams,
): OAuthAnswer {
  const consent = readConsent(state, query)
  if (isAnswer(consent)) return consent
  if (method === 'GET') {
    const list = consent.scopes.map((scope) => `<li>${escapeHtml(scope)}`).join('')
    const buttons = '<button name=choice value=allow>Allow</button><button name=choice value=deny>Cancel</button>'
    return page(
      200,
      `<p>${escapeHtml(consent.app.key)} would like to:<ul>${list}</ul><form method=post>${buttons}</form>`,
    )
  }
  const isAllowed = form.get('choice') === 'allow'
  const parameters = isAllowed ? consented(state, consent) : denied
  if (consent.redirectUri === undefined) {
    return page(200, isAllowed ? `<p>Access code: <input data-token="${parameters.code}" readonly>` : '<p>Denied.')
  }
  const location = new URL(consent.redirectUri)
  for (const [name, value] of Object.entries(parameters)) location.searchParams.set(name, value)
  if (consent.state !== null) location.searchParams.set('state', consent.state)
  return { status: 302, location: location.href }
}

const denied: Readonly<Record<string, string>> = {
  error: 'access_denied',
  error_description: 'The user chose not to give your app access to their Dropbox account.',
}

function consented({ accounts, tokens }: State, consent: Consent): Readonly<Record<string, string>> {
  const { app, access, challenge, redirectUri, scopes } = consent
  const isTeam = scopes.some((scope) => scope.startsWith('team') || scope.startsWith('members.'))
  const grant: Grant = {
    app: app.key,
    account: isTeam ? undefined : accounts[0]?.accountId,
    scopes,
    isPublic: challenge !== undefined,
    revoked: false,
  }
  return { code: newCode(tokens, { grant, access, challenge, redirectUri }) }
}

interface TokenRequest {
  readonly fields: ReadonlyMap<string, string>
  readonly app: App
  /** Whether the app proved itself with its secret. */
  readonly isProven: boolean
}

export function answerToken(state: State, authorization: string | undefined, fields: URLSearchParams): OAuthAnswer {
  try {
    return { status: 200, json: grantToken(state, readTokenRequest(state, authorization, fields)) }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { status: 400, json: { error: error.reason, error_description: error.message } }
  }
}

function readTokenRequest({ tokens }: State, authorization: string | undefined, form: URLSearchParams): TokenRequest {
  const fields = new Map<string, string>()
  for (const [name, value] of form) {
    if (fields.has(name)) throw new Refused('invalid_request', `multiple values for "${name}"`)
    fields.set(name, value)
  }
  const basic = /^Basic +(.+)$/i.exec(authorization ?? '')?.[1]
  const [basicKey, basicSecret] = basic === undefined ? [] : Buffer.from(basic, 'base64').toString().split(':')
  const key = basicKey ?? fields.get('client_id')
  const secret = basicSecret ?? fields.get('client_secret')
  if (key === undefined) throw new Refused('invalid_request', 'No auth function available for given request')
  const app = tokens.apps.get(key)
  if (!app || (secret !== undefined && secret !== app.secret)) {
    throw new Refused('invalid_client', 'Invalid client_id or client_secret')
  }
  return { fields, app, isProven: secret !== undefined }
}

const allowedFields: Readonly<Record<string, readonly string[]>> = {
  authorization_code: ['code', 'redirect_uri', 'code_verifier'],
  refresh_token: ['refresh_token', 'scope'],
}

function grantToken(state: State, request: TokenRequest): Readonly<Record<string, unknown>> {
  const { fields } = request
  const type = fields.get('grant_type')
  if (type === undefined) throw new Refused('invalid_request', 'missing required field "grant_type"')
  const allowed = Object.hasOwn(allowedFields, type) ? allowedFields[type] : undefined
  if (!allowed) throw new Refused('unsupported_grant_type', `unsupported grant type "${type}"`)
  const common = ['grant_type', 'client_id', 'client_secret', 'locale']
  const unknown = [...fields.keys()].find((name) => ![...common, ...allowed].includes(name))
  if (unknown !== undefined) throw new Refused('invalid_request', `unknown field "${unknown}"`)
  return type === 'refresh_token' ? renew(state, request) : exchange(state, request)
}

function exchange(state: State, { fields, app, isProven }: TokenRequest): Readonly<Record<string, unknown>> {
  const { tokens, accounts } = state
  const text = fields.get('code')
  if (text === undefined) throw new Refused('invalid_request', 'missing required field "code"')
  const code = tokens.codes.get(text)
  // Whatever comes of it, it is good once.
  tokens.codes.delete(text)
  if (!code || code.grant.app !== app.key) throw new Refused('invalid_grant', "code doesn't exist or has expired")
  if (code.expires <= tokens.now()) throw new Refused('invalid_grant', 'code has expired (within the last hour)')
  if (fields.get('redirect_uri') !== code.redirectUri) throw new Refused('invalid_grant', 'redirect_uri mismatch')
  checkVerifier(code, fields.get('code_verifier'), isProven)
  const { grant, access } = code
  const account = accounts.find(({ accountId }) => accountId === grant.account)
  const lasting = access === 'legacy' ? 100 * 365 * 86_400 : tokens.lifetime
  return {
    access_token: newAccessToken(tokens, grant, grant.scopes, lasting),
    token_type: 'bearer',
    ...(access !== 'legacy' && { expires_in: tokens.lifetime }),
    ...(access === 'offline' && { refresh_token: newRefreshToken(tokens, grant) }),
    scope: grant.scopes.join(' '),
    ...holderOf(account),
  }
}

const holderOf = (account: Account | undefined): Readonly<Record<string, string>> =>
  account ? { uid: account.home, account_id: account.accountId } : { uid: '', team_id: team.id }

function checkVerifier({ challenge }: Code, verifier: string | undefined, isProven: boolean): void {
  if (!challenge) {
    if (verifier !== undefined) throw new Refused('invalid_grant', 'code_verifier was not expected')
    if (!isProven) throw new Refused('invalid_client', 'Invalid client_id or client_secret')
    return
  }
  if (verifier === undefined || !/^[\w.~-]{43,128}$/.test(verifier)) {
    throw new Refused('invalid_grant', 'invalid code verifier')
  }
  const hashed = challenge.method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url')
  if (hashed !== challenge.text) throw new Refused('invalid_grant', 'invalid code verifier')
}

/** The refresh token stays as it is. */
function renew({ tokens }: State, { fields, app, isProven }: TokenRequest): Readonly<Record<string, unknown>> {
  const text = fields.get('refresh_token')
  if (text === undefined) throw new Refused('invalid_request', 'missing required field "refresh_token"')
  if (!/^[\w-]+$/.test(text)) throw new Refused('invalid_grant', 'refresh token is malformed')
  const grant = tokens.refreshTokens.get(text)
  if (!grant || grant.revoked) throw new Refused('invalid_grant', 'refresh token is invalid or revoked')
  if (grant.app !== app.key) throw new Refused('invalid_grant', 'refresh token is invalid or revoked')
  if (!isProven && !grant.isPublic) throw new Refused('invalid_client', 'Invalid client_id or client_secret')
  const asked = fields.get('scope')?.split(' ').filter(Boolean)
  const strange = asked?.find((scope) => !grant.scopes.includes(scope))
  if (strange !== undefined) throw new Refused('invalid_scope', `scope "${strange}" was not granted`)
  return {
    access_token: newAccessToken(tokens, grant, asked ?? grant.scopes),
    token_type: 'bearer',
    expires_in: tokens.lifetime,
    ...(asked && { scope: asked.join(' ') }),
  }
}
