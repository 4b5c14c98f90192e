import type { OAuthFlow } from '@filegate/core/oauth'
import type { GcsOptions } from './options.ts'

export const scopes = {
  usual: 'https://www.googleapis.com/auth/devstorage.read_write',
  /** Of what the machine has, as its rights are limited elsewhere. */
  machine: 'https://www.googleapis.com/auth/devstorage.full_control',
} as const

/** How a user allows access: https://developers.google.com/identity/protocols/oauth2/web-server. */
export const oauth: OAuthFlow<GcsOptions> = {
  authorizeUrl: ({ auth_url: own }) => own || 'https://accounts.google.com/o/oauth2/v2/auth',
  tokenUrl: ({ token_url: own }) => own || 'https://oauth2.googleapis.com/token',
  scopes: () => [scopes.usual],
  // Without these Google gives out no refresh token, or none the second time.
  parameters: { access_type: 'offline', prompt: 'consent' },
  // Users are one way of several: without a client nothing says that it is the one that is meant.
  needsUser: (options) => options.client_id !== '' && !logsIn(options),
}

const logsIn = (options: GcsOptions): boolean =>
  options.anonymous ||
  options.service_account_credentials !== undefined ||
  options.service_account_file !== '' ||
  options.env_auth ||
  options.access_token !== '' ||
  options.client_credentials ||
  options.token !== undefined
