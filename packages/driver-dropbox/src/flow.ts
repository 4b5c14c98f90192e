import type { OAuthFlow } from '@filegate/core/oauth'
import type { DropboxOptions } from './options.ts'

/** What the calls of this package need, and no more. */
const scopes = [
  'account_info.read',
  'files.content.read',
  'files.content.write',
  'files.metadata.read',
  'sharing.read',
  'sharing.write',
]
/** What it takes to work as another member of the team. */
const teamScopes = ['members.read', 'team_data.member']

/** https://developers.dropbox.com/oauth-guide */
export const flow: OAuthFlow<DropboxOptions> = {
  authorizeUrl: ({ auth_url }) => auth_url || 'https://www.dropbox.com/oauth2/authorize',
  tokenUrl: ({ token_url }) => token_url || 'https://api.dropboxapi.com/oauth2/token',
  scopes: ({ impersonate }) => (impersonate === '' ? scopes : [...scopes, ...teamScopes]),
  parameters: { token_access_type: 'offline' },
  needsUser: ({ token, client_credentials }) => token === undefined && !client_credentials,
}
