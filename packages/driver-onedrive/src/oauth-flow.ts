import type { OAuthFlow } from '@filegate/core/oauth'
import { clouds } from './clouds.ts'
import type { OneDriveOptions } from './options.ts'
import { siteScope } from './scopes.ts'

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow */
export const oauthFlow: OAuthFlow<OneDriveOptions> = {
  authorizeUrl: (options) => options.auth_url || endpoint(options, 'authorize'),
  tokenUrl: (options) => options.token_url || endpoint(options, 'token'),
  scopes({ client_credentials, region, access_scopes, disable_site_permission }) {
    // A client by itself gets all that the organization has allowed it, and cannot ask for less.
    if (client_credentials) return [`${clouds[region].graph}/.default`]
    return access_scopes.filter((scope) => !(disable_site_permission && scope === siteScope))
  },
  needsUser: ({ client_credentials, token }) => !client_credentials && token === undefined,
}

const endpoint = ({ region, tenant }: OneDriveOptions, name: string): string =>
  `${clouds[region].login}/${tenant || 'common'}/oauth2/v2.0/${name}`
