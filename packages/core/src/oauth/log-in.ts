import type { ConnectContext } from '../define.ts'
import { grantLost } from './grant-lost.ts'
import type { OAuthFlow } from './oauth-flow.ts'
import type { TokenBlob } from './token-blob.ts'
import type { TokenSource } from './token-source.ts'
import { clientToken, type OAuthClient, userToken } from './user-token.ts'

/** The parsed options of `oauthOptions`. */
export interface OAuthGiven {
  readonly token?: TokenBlob | undefined
  readonly client_id: string
  readonly client_secret: string
  readonly client_credentials: boolean
  readonly auth_url: string
  readonly token_url: string
}

/** The client that the options name, and where it is given tokens. */
export const clientOf = <Options extends OAuthGiven>(flow: OAuthFlow<Options>, options: Options): OAuthClient => ({
  id: options.client_id,
  secret: options.client_secret,
  tokenUrl: options.token_url || flow.tokenUrl(options),
})

/**
 * Who a connection with OAuth speaks as.
 * @throws StorageError `Unauthenticated` without a token
 */
export function oauthLogin<Options extends OAuthGiven>(
  flow: OAuthFlow<Options>,
  options: Options,
  context: Pick<ConnectContext, 'fetch' | 'renewToken'>,
): TokenSource {
  const client = clientOf(flow, options)
  if (options.client_credentials) return clientToken(client, flow.scopes(options).join(' '), context.fetch)
  if (options.token) return userToken(options.token, client, context)
  throw grantLost('token: is needed. `filegate authorize` gets one from the vendor.')
}
