import { type ConnectContext, expectLendable, StorageError } from '@filegate/core'
import { parseEndpoint } from '../endpoint.ts'
import type { GcsOptions } from '../options.ts'
import { keyInFile, machineToken } from '@filegate/google-login'
import {
  clientToken,
  fixedToken,
  nobody,
  type OAuthClient,
  serviceAccountToken,
  type TokenSource,
  userToken,
} from '@filegate/core/oauth'

const scopes = {
  usual: 'https://www.googleapis.com/auth/devstorage.read_write',
  /** Of what the machine has, as its rights are limited elsewhere. */
  machine: 'https://www.googleapis.com/auth/devstorage.full_control',
} as const

const google = { name: 'Google', hosts: ['googleapis.com'] } as const

/** The first way to log in that the options hold, in the order in which they are documented. */
export async function logIn(
  options: GcsOptions,
  context: Pick<ConnectContext, 'fetch' | 'renewToken'>,
): Promise<TokenSource> {
  const { fetch } = context
  const { service_account_credentials: key, service_account_file: file, token } = options
  const client: OAuthClient = {
    id: options.client_id,
    secret: options.client_secret,
    tokenUrl: options.token_url || 'https://oauth2.googleapis.com/token',
  }
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

function noLogin({ client_id: id, auth_url: page }: GcsOptions): StorageError {
  if (id === '') {
    const ways = 'service_account_credentials, service_account_file, access_token, token, env_auth or anonymous'
    return new StorageError('InvalidArgument', `Nothing says how to log in. Give one of ${ways}.`)
  }
  const url = new URL(page || 'https://accounts.google.com/o/oauth2/v2/auth')
  const asked = { client_id: id, scope: scopes.usual, response_type: 'code', access_type: 'offline', prompt: 'consent' }
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
  return new StorageError('InvalidArgument', `token: is required with client_id. A user allows it at ${url.href}`)
}
