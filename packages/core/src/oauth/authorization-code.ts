import { createHash, randomBytes } from 'node:crypto'
import type { ConnectContext } from '../define.ts'
import { formatBlob } from './token-blob.ts'
import { askForToken } from './token-endpoint.ts'
import type { OAuthClient } from './user-token.ts'

/** RFC 7636: only who began the flow can finish it. */
export interface ProofKey {
  readonly verifier: string
  readonly challenge: string
}

export function proofKey(): ProofKey {
  const verifier = randomBytes(48).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** The page on which a user allows access. */
export interface AuthorizePage {
  readonly url: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly redirectUri: string
  readonly state: string
  readonly challenge: string
  /** What the vendor wants to know besides. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
}

/** RFC 6749, section 4.1.1, with a proof key. */
export function authorizePage(page: AuthorizePage): string {
  const url = new URL(page.url)
  const asked = {
    response_type: 'code',
    client_id: page.clientId,
    redirect_uri: page.redirectUri,
    ...(page.scopes.length > 0 && { scope: page.scopes.join(' ') }),
    state: page.state,
    code_challenge: page.challenge,
    code_challenge_method: 'S256',
    ...page.parameters,
  }
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
  return url.href
}

export interface CodeExchange {
  readonly client: OAuthClient
  readonly code: string
  readonly redirectUri: string
  readonly verifier: string
}

/**
 * The token blob for a code: RFC 6749, section 4.1.3.
 * @throws TokenRefusal
 */
export async function exchangeCode(
  { client, code, redirectUri, verifier }: CodeExchange,
  fetch: ConnectContext['fetch'],
): Promise<string> {
  const {
    access,
    refresh = '',
    expires,
    isExpiryTold,
  } = await askForToken(fetch, client.tokenUrl, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    client_id: client.id,
    ...(client.secret !== '' && { client_secret: client.secret }),
    code_verifier: verifier,
  })
  // What cannot be renewed is used until it is refused, not until a guess is over.
  const isForGood = refresh === '' && !isExpiryTold
  return formatBlob({ access, refresh, expires: isForGood ? Number.POSITIVE_INFINITY : expires })
}
