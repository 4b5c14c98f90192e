import { type ConnectContext, expectLendable, StorageError } from '@filegate/core'
import { parseEndpoint } from '../endpoint.ts'
import type { GcsOptions } from '../options.ts'
import { keyInFile, machineToken } from '@filegate/google-login'
import { oauth, scopes } from '../oauth-flow.ts'
import {
  clientOf,
  clientToken,
  fixedToken,
  nobody,
  serviceAccountToken,
  type TokenSource,
  userToken,
} from '@filegate/core/oauth'

const google = { name: 'Google', hosts: ['googleapis.com'] } as const

/** The first way to log in that the options hold, in the order in which they are documented. */
export async function logIn(
  options: GcsOptions,
  context: Pick<ConnectContext, 'fetch' | 'renewToken'>,
): Promise<TokenSource> {
  const { fetch } = context
  const { service_account_credentials: key, service_account_file: file, token } = options
  const client = clientOf(oauth, options)
  if (options.anonymous) return nobody
  if (key) return serviceAccountToken({ key, scope: scopes.usual }, fetch)
  if (file !== '' || options.env_auth) expectLendable(parseEndpoint(options.endpoint).root, google)
  if (file !== '') return serviceAccountToken({ key: await keyInFile(file), scope: scopes.usual }, fetch)
  if (options.env_auth) return machineToken(scopes.machine, fetch)
  if (options.access_token !== '') return fixedToken(options.access_token)
  if (options.client_credentials) return clientToken(client, scopes.usual, fetch)
  if (token) return userToken(token, client, context)
  throw noLogin(options)
}

function noLogin(options: GcsOptions): StorageError {
  if (options.client_id === '') {
    const ways = 'service_account_credentials, service_account_file, access_token, token, env_auth or anonymous'
    return new StorageError('InvalidArgument', `Nothing says how to log in. Give one of ${ways}.`)
  }
  const url = new URL(oauth.authorizeUrl(options))
  const asked = { client_id: options.client_id, scope: scopes.usual, response_type: 'code', ...oauth.parameters }
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
  return new StorageError('InvalidArgument', `token: is required with client_id. A user allows it at ${url.href}`)
}
