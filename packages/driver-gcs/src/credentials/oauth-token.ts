import { type ConnectContext, StorageError } from '@filegate/core'
import { formatBlob, type TokenBlob } from './token-blob.ts'
import { askForToken } from './token-endpoint.ts'
import { renewedToken, type TokenSource } from './token-source.ts'

export interface OAuthClient {
  readonly id: string
  readonly secret: string
  readonly tokenUrl: string
}

/** The token of a user, renewed when it expires. A renewed one is kept before it is used. */
export function userToken(
  blob: TokenBlob,
  client: OAuthClient,
  { fetch, saveToken }: Pick<ConnectContext, 'fetch' | 'saveToken'>,
): TokenSource {
  let { refresh } = blob
  const first = blob.access === '' ? undefined : { value: blob.access, expires: blob.expires }
  return renewedToken(
    async () => {
      if (refresh === '') throw cannotRenew('token: has expired, and holds no refresh_token to renew it with')
      if (client.id === '') throw cannotRenew('client_id: is needed to renew the token, with client_secret')
      const granted = await askForToken(fetch, client.tokenUrl, {
        grant_type: 'refresh_token',
        refresh_token: refresh,
        client_id: client.id,
        client_secret: client.secret,
      })
      refresh = granted.refresh ?? refresh
      await saveToken(formatBlob({ access: granted.access, refresh, expires: granted.expires }))
      return { value: granted.access, expires: granted.expires }
    },
    { first },
  )
}

const cannotRenew = (problem: string): StorageError => new StorageError('Unauthenticated', `${problem}.`)

/** Tokens for the OAuth client itself: RFC 6749, section 4.4. */
export const clientToken = (client: OAuthClient, scope: string, fetch: typeof globalThis.fetch): TokenSource =>
  renewedToken(async () => {
    const { access, expires } = await askForToken(fetch, client.tokenUrl, {
      grant_type: 'client_credentials',
      client_id: client.id,
      client_secret: client.secret,
      scope,
    })
    return { value: access, expires }
  })
