import type { OAuthFlow } from '@filegate/core/oauth'
import type { DriveOptions } from './options.ts'
import { scopesOf } from './scopes.ts'

/** How a user allows access: https://developers.google.com/identity/protocols/oauth2/web-server. */
export const oauth: OAuthFlow<DriveOptions> = {
  authorizeUrl: ({ auth_url: own }) => own || 'https://accounts.google.com/o/oauth2/v2/auth',
  tokenUrl: ({ token_url: own }) => own || 'https://oauth2.googleapis.com/token',
  scopes: ({ scope }) => scopesOf(scope),
  // Without these Google gives out no refresh token, or none the second time.
  parameters: { access_type: 'offline', prompt: 'consent' },
  needsUser: (options) =>
    options.token === undefined &&
    options.service_account_credentials === undefined &&
    options.service_account_file === '' &&
    !options.env_auth &&
    !options.client_credentials,
}
