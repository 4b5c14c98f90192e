import type { ConnectContext } from '../define.ts'
import { StorageError } from '../error.ts'
import { member } from '../member.ts'
import { grantLost } from './grant-lost.ts'
import { formatBlob, parseBlob, type TokenBlob } from './token-blob.ts'
import { askForToken } from './token-endpoint.ts'
import { isFresh, renewedToken, type TokenSource } from './token-source.ts'

export interface OAuthClient {
  readonly id: string
  readonly secret: string
  readonly tokenUrl: string
}

/**
 * The token of a user, renewed a minute before it expires. A renewed one is kept before it is used, and one that somebody else
 * renewed meanwhile is taken over: vendors that give a new refresh token each time take the old one for a theft.
 */
export function userToken(
  blob: TokenBlob,
  client: OAuthClient,
  { fetch, renewToken }: Pick<ConnectContext, 'fetch' | 'renewToken'>,
): TokenSource {
  let known = blob
  const first = blob.access === '' ? undefined : { value: blob.access, expires: blob.expires }
  return renewedToken(
    async () => {
      let isTakenOver = false
      const next = await renewToken(async (kept) => {
        const stored = kept === undefined ? known : parseBlob(kept)
        isTakenOver = kept !== undefined && stored.access !== known.access && isFresh(stored)
        return isTakenOver && kept !== undefined ? kept : formatBlob(await renewed(stored, client, fetch))
      })
      known = parseBlob(next)
      return { value: known.access, expires: known.expires, isTakenOver }
    },
    { first },
  )
}

async function renewed(
  blob: TokenBlob,
  { id, secret, tokenUrl }: OAuthClient,
  fetch: ConnectContext['fetch'],
): Promise<TokenBlob> {
  const { refresh } = blob
  if (refresh === '') throw grantLost(`token: ${notRenewed(blob)} Allow access anew, or give another token.`)
  if (id === '')
    throw new StorageError('Unauthenticated', 'client_id: is needed to renew the token, with client_secret.')
  const form = { grant_type: 'refresh_token', refresh_token: refresh, client_id: id, ...secretOf(secret) }
  const granted = await askForToken(fetch, tokenUrl, form).catch(lostWhenRevoked)
  return { access: granted.access, refresh: granted.refresh ?? refresh, expires: granted.expires }
}

/** Why a token without a refresh token is of no use. */
function notRenewed({ access, expires }: TokenBlob): string {
  if (access === '') return 'holds neither an access_token nor a refresh_token.'
  const what = expires > Date.now() ? 'is not accepted by the vendor' : 'has expired'
  return `${what}, and holds no refresh_token to renew it with.`
}

/**
 * The refusals after which only a user can help: RFC 6749, section 5.2, and those of
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow.
 */
const lost: ReadonlyMap<unknown, string> = new Map([
  ['invalid_grant', 'access was taken back, has expired, or was given to another client_id. Allow it anew.'],
  ['interaction_required', 'the vendor wants the user to log in again. Allow access anew.'],
  ['consent_required', 'the user, or an administrator, has to consent again. Allow access anew.'],
])

function lostWhenRevoked(error: unknown): never {
  const why = lost.get(member(error, 'tokenError'))
  throw why === undefined ? error : grantLost(`token: ${why}`, error)
}

/** Clients that are programs of users have no secret. */
const secretOf = (secret: string): Readonly<Record<string, string>> => (secret === '' ? {} : { client_secret: secret })

/** Tokens for the OAuth client itself: RFC 6749, section 4.4. */
export const clientToken = (client: OAuthClient, scope: string, fetch: ConnectContext['fetch']): TokenSource =>
  renewedToken(async () => {
    const form = { grant_type: 'client_credentials', client_id: client.id, ...secretOf(client.secret) }
    const { access, expires } = await askForToken(fetch, client.tokenUrl, { ...form, ...(scope && { scope }) })
    return { value: access, expires }
  })
