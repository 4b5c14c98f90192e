import { randomBytes } from 'node:crypto'

export interface App {
  readonly key: string
  readonly secret: string
  /** Without them every address of HTTPS or loopback is good. */
  readonly redirectUris: readonly string[] | undefined
  /** What may be asked for. */
  readonly scopes: readonly string[]
}

/** Who consented to what. */
export interface Grant {
  readonly app: string
  /** An account id, or `undefined` for a team. */
  readonly account: string | undefined
  readonly scopes: readonly string[]
  /** Whether it came about with a proof key only, so that no secret is needed to renew it. */
  readonly isPublic: boolean
  revoked: boolean
}

export interface AccessToken {
  readonly grant: Grant
  readonly scopes: readonly string[]
  /** Milliseconds since 1970. */
  expires: number
}

export interface Code {
  readonly grant: Grant
  readonly redirectUri: string | undefined
  readonly challenge: { readonly method: 'S256' | 'plain'; readonly text: string } | undefined
  readonly access: 'online' | 'offline' | 'legacy'
  readonly expires: number
}

export interface TokenDirectory {
  readonly apps: Map<string, App>
  readonly codes: Map<string, Code>
  readonly refreshTokens: Map<string, Grant>
  readonly accessTokens: Map<string, AccessToken>
  /** Seconds; the service's own is four hours. */
  lifetime: number
  readonly now: () => number
}

const random = (bytes: number): string => randomBytes(bytes).toString('base64url')

export function newAccessToken(
  tokens: TokenDirectory,
  grant: Grant,
  scopes: readonly string[] = grant.scopes,
  lifetime = tokens.lifetime,
): string {
  const token = `sl.u.${random(96)}`
  tokens.accessTokens.set(token, { grant, scopes, expires: tokens.now() + lifetime * 1000 })
  return token
}

export function newRefreshToken(tokens: TokenDirectory, grant: Grant): string {
  const token = random(48)
  tokens.refreshTokens.set(token, grant)
  return token
}

export function newCode(tokens: TokenDirectory, code: Omit<Code, 'expires'>): string {
  const text = random(32)
  tokens.codes.set(text, { ...code, expires: tokens.now() + 10 * 60_000 })
  return text
}
