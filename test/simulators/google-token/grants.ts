import { verifyAssertion } from './assertion.ts'
import { addRefreshToken, redeemCode } from './authorize-page.ts'
import { invalidGrant, TokenError } from './token-error.ts'
import { issueToken, type IssuedToken, type OAuthClient, readScopes, type TokenDirectory } from './token-directory.ts'

/** A request to the token endpoint. */
export interface TokenRequest {
  readonly form: URLSearchParams
  readonly authorization: string | undefined
  /** As what this endpoint is known to the client. */
  readonly tokenUri: string
}

/** A refresh token comes with an authorization code only. */
interface Granted extends IssuedToken {
  readonly refreshToken?: string | undefined
}

type Grant = (directory: TokenDirectory, request: TokenRequest) => Granted

function demandParameter(form: URLSearchParams, name: string): string {
  const value = form.get(name)
  if (value === null || value === '')
    throw new TokenError(400, 'invalid_request', `Missing required parameter: ${name}`)
  return value
}

/** The client names itself in the form or by basic authentication (RFC 6749, 2.3.1). */
function findClient(
  directory: TokenDirectory,
  { form, authorization }: TokenRequest,
): { id: string; client: OAuthClient } {
  const [, basic] = /^Basic +(\S+)$/i.exec(authorization ?? '') ?? []
  const decoded = Buffer.from(basic ?? '', 'base64')
    .toString('utf8')
    .split(':')
  const [inHeader, secretInHeader] = basic === undefined ? [] : decoded.map((one) => decodeURIComponent(one))
  const id = inHeader ?? form.get('client_id') ?? ''
  if (id === '') throw new TokenError(400, 'invalid_request', 'Could not determine client ID from request.')
  const client = directory.clients.get(id)
  if (!client) throw new TokenError(401, 'invalid_client', 'The OAuth client was not found.')
  const secret = secretInHeader ?? form.get('client_secret') ?? undefined
  if (secret === undefined || secret === '') throw new TokenError(400, 'invalid_request', 'client_secret is missing.')
  if (secret !== client.secret) throw new TokenError(401, 'invalid_client', 'Unauthorized')
  return { id, client }
}

export const grants: Readonly<Record<string, Grant>> = {
  'urn:ietf:params:oauth:grant-type:jwt-bearer'(directory, { form, tokenUri }) {
    const { holder, scopes } = verifyAssertion(directory, demandParameter(form, 'assertion'), tokenUri)
    return issueToken(directory, holder, scopes)
  },

  refresh_token(directory, request) {
    const { id } = findClient(directory, request)
    const grant = directory.refreshGrants.get(demandParameter(request.form, 'refresh_token'))
    // A grant is bound to the client that it was given to.
    if (!grant || grant.clientId !== id) throw invalidGrant('Bad Request')
    if (grant.revoked) throw invalidGrant('Token has been expired or revoked.')
    const wanted = request.form.get('scope')
    const scopes = wanted === null || wanted === '' ? grant.scopes : readScopes(wanted)
    if (!scopes.every((scope) => grant.scopes.includes(scope))) {
      throw new TokenError(400, 'invalid_scope', 'Some requested scopes were invalid.')
    }
    return issueToken(directory, grant, scopes)
  },

  authorization_code(directory, request) {
    const { id } = findClient(directory, request)
    demandParameter(request.form, 'code')
    const { email, scopes, isOffline } = redeemCode(directory, id, request.form)
    const issued = issueToken(directory, { email, member: true }, scopes)
    if (!isOffline) return issued
    return { ...issued, refreshToken: addRefreshToken(directory, { email, scopes, member: true, clientId: id }) }
  },

  client_credentials(directory, request) {
    const { client } = findClient(directory, request)
    if (!client.itself) throw new TokenError(400, 'unauthorized_client', 'Unauthorized')
    return issueToken(directory, client.itself, readScopes(request.form.get('scope') ?? undefined))
  },
}

/** The answer of RFC 6749, 5.1. */
export function answerGrant(directory: TokenDirectory, request: TokenRequest): object {
  const type = demandParameter(request.form, 'grant_type')
  const grant = Object.hasOwn(grants, type) ? grants[type] : undefined
  if (!grant) throw new TokenError(400, 'unsupported_grant_type', `Invalid grant_type: ${type}`)
  const { token, scopes, refreshToken } = grant(directory, request)
  return {
    access_token: token,
    expires_in: Math.max(0, directory.lifetime - 1),
    scope: scopes.join(' '),
    token_type: 'Bearer',
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
  }
}
