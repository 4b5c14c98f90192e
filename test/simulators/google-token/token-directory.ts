import { type KeyObject, randomBytes } from 'node:crypto'
import type { AuthorizationCode } from './authorize-page.ts'
import { TokenError } from './token-error.ts'

/** Somebody whom tokens are given to. */
export interface Holder {
  readonly email: string
  /** Whether this account belongs to the project; the simulators of services tell members from strangers by it. */
  readonly member: boolean
}

/** What a service learns from a token. */
export interface TokenAccount extends Holder {
  readonly scopes: readonly string[]
}

export interface IssuedToken extends TokenAccount {
  readonly token: string
  /** Milliseconds since 1970. */
  readonly ends: number
}

export interface RefreshGrant extends TokenAccount {
  readonly clientId: string
  revoked: boolean
}

export interface OAuthClient {
  readonly secret: string
  /** Where users may be sent back to. */
  readonly redirectUris?: readonly string[] | undefined
  /** A program on somebody's machine: its users may be sent to any port of loopback. */
  readonly installed?: boolean | undefined
  /** Whom the client is when it asks for itself (RFC 6749, 4.4). Google's own endpoint knows no such clients. */
  readonly itself: Holder | undefined
}

export interface RegisteredAccount extends Holder {
  /** By the id of the key. */
  readonly keys: Map<string, KeyObject>
  /** Users in whose name it may act (domain-wide delegation), with the scopes for it; `undefined` is every scope. */
  readonly delegations: Map<string, readonly string[] | undefined>
}

/** Everything that the token simulator knows. */
export interface TokenDirectory {
  readonly accounts: Map<string, RegisteredAccount>
  readonly clients: Map<string, OAuthClient>
  readonly refreshGrants: Map<string, RefreshGrant>
  readonly issued: Map<string, IssuedToken>
  readonly codes: Map<string, AuthorizationCode>
  /** Seconds that an access token is good for. */
  lifetime: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function issueToken(directory: TokenDirectory, holder: Holder, scopes: readonly string[]): IssuedToken {
  const token = `ya29.${randomBytes(48).toString('base64url')}`
  const { email, member } = holder
  const issued = { token, email, member, scopes, ends: directory.now() + directory.lifetime * 1000 }
  directory.issued.set(token, issued)
  return issued
}

export function findToken(directory: TokenDirectory, token: string): IssuedToken | undefined {
  const issued = directory.issued.get(token)
  return issued && issued.ends > directory.now() ? issued : undefined
}

/** Scopes of a request: a list with spaces (RFC 6749, 3.3), each an address or one of OpenID's words. */
export function readScopes(text: string | undefined): readonly string[] {
  const scopes = (text ?? '').split(' ').filter(Boolean)
  const fit = scopes.length > 0 && scopes.every((scope) => /^(?:https:\/\/\S+|openid|email|profile)$/.test(scope))
  if (!fit) throw new TokenError(400, 'invalid_scope', 'Invalid OAuth scope or ID token audience provided.')
  return scopes
}
