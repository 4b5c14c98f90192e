import type { Application, Directory } from './directory.ts'
import { type Answer, EntraError } from './entra-error.ts'
import { type Grants, giveCode } from './grants.ts'
import { askedScopes } from './scopes.ts'

// Source: Microsoft identity platform and OAuth 2.0 authorization code flow, "Request an authorization code".

export interface AuthorizeRequest {
  readonly query: URLSearchParams
  readonly directory: Directory
  readonly grants: Grants
  /** Where the user signs in. */
  readonly host: string
  /** What the user answers when asked. */
  readonly consents: boolean
}

function required(query: URLSearchParams, name: string): string {
  const value = query.get(name)
  if (!value) throw new EntraError(900144, name)
  return value
}

/**
 * `GET /TENANT/oauth2/v2.0/authorize`: the user of `login_hint`, otherwise the first one, is signed in already and answers at
 * once. Until it is known that the address to go back to is the application's, errors are pages.
 */
export function authorize(request: AuthorizeRequest): Answer {
  const { query, directory } = request
  try {
    const clientId = required(query, 'client_id')
    const application = directory.applications.find((each) => each.clientId === clientId)
    if (application === undefined) throw new EntraError(700016, clientId, directory.tenant)
    return back(request, application, backAddress(query, application))
  } catch (error) {
    if (!(error instanceof EntraError)) throw error
    return { status: error.answer.status, body: {}, page: page(error.message) }
  }
}

const page = (text: string): string =>
  `<!DOCTYPE html><title>Sign in to your account</title><p>Sorry, but we’re having trouble signing you in.<p>${text.replaceAll('<', '&lt;')}`

function backAddress(query: URLSearchParams, { clientId, redirectUris = [] }: Application): string {
  const asked = required(query, 'redirect_uri')
  if (!redirectUris.some((registered) => isSameAddress(registered, asked))) throw new EntraError(50011, asked, clientId)
  return asked
}

function isSameAddress(registered: string, asked: string): boolean {
  if (registered === asked) return true
  const [first, second] = [URL.parse(registered), URL.parse(asked)]
  if (first === null || second === null || !['localhost', '127.0.0.1'].includes(first.hostname)) return false
  first.port = second.port
  return first.href === second.href
}

function back(request: AuthorizeRequest, application: Application, address: string): Answer {
  const { query } = request
  const target = new URL(address)
  const state = query.get('state')
  try {
    target.searchParams.set('code', codeOf(request, application, address))
  } catch (error) {
    if (!(error instanceof EntraError)) throw error
    target.searchParams.set('error', String(error.answer.body.error))
    target.searchParams.set('error_description', error.message)
  }
  if (state !== null) target.searchParams.set('state', state)
  return { status: 302, headers: { Location: target.href }, body: {}, page: '' }
}

function codeOf(request: AuthorizeRequest, application: Application, redirectUri: string): string {
  const { query, directory, grants, host } = request
  const type = required(query, 'response_type')
  if (type !== 'code') throw new EntraError(700054, type)
  const { resource, scopes, signingIn } = askedScopes(required(query, 'scope'), host, directory.resources)
  const hint = query.get('login_hint') ?? directory.users[0]?.name ?? ''
  const user = directory.users.find(({ name }) => name.toLowerCase() === hint.toLowerCase())
  if (user === undefined) throw new EntraError(50034, hint, directory.tenant)
  const challenge = challengeOf(query)
  if (!request.consents) throw new EntraError(65004)
  grants.withdrawn.delete(application.clientId)
  const offline = signingIn.includes('offline_access')
  const consent = { user: user.name, clientId: application.clientId, resource, scopes, offline }
  return giveCode(grants, { consent, redirectUri, challenge })
}

function challengeOf(query: URLSearchParams): { readonly value: string; readonly method: string } | undefined {
  const value = query.get('code_challenge')
  if (value === null) return undefined
  const method = query.get('code_challenge_method') ?? 'plain'
  if (!/^[\w.~-]{43,128}$/.test(value) || !['S256', 'plain'].includes(method)) throw new EntraError(50147)
  return { value, method }
}
