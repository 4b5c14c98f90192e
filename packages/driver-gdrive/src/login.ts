import type { ConnectContext } from '@filegate/core'
import { oauthLogin, serviceAccountToken, type TokenSource } from '@filegate/core/oauth'
import { keyInFile, machineToken } from '@filegate/google-login'
import { oauth } from './oauth-flow.ts'
import type { DriveOptions } from './options.ts'
import { scopesOf } from './scopes.ts'

/** The first way to log in that the options hold, in the order in which they are documented. */
export async function logIn(
  options: DriveOptions,
  context: Pick<ConnectContext, 'fetch' | 'renewToken'>,
): Promise<TokenSource> {
  const { service_account_credentials: key, service_account_file: file, impersonate } = options
  const scope = scopesOf(options.scope).join(' ')
  const subject = impersonate || undefined
  if (key) return serviceAccountToken({ key, scope, subject }, context.fetch)
  if (file !== '') return serviceAccountToken({ key: await keyInFile(file), scope, subject }, context.fetch)
  if (options.env_auth) return machineToken(scope, context.fetch)
  return oauthLogin(oauth, options, context)
}
