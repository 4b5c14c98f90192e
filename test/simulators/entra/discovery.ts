import type { Directory } from './directory.ts'
import type { Answer } from './entra-error.ts'

// Source: OpenID Connect Discovery, as the Microsoft identity platform publishes it.

/** @param authority `https://HOST/TENANT` as the client has it */
export const openIdConfiguration = (authority: string, { tenant }: Directory): Answer => {
  const origin = new URL(authority).origin
  return {
    status: 200,
    body: {
      issuer: `${origin}/${tenant}/v2.0`,
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      device_authorization_endpoint: `${authority}/oauth2/v2.0/devicecode`,
      end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
      jwks_uri: `${authority}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code', 'id_token'],
      subject_types_supported: ['pairwise'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    },
  }
}

export const keySet = ({ key }: Directory): Answer => ({ status: 200, body: { keys: [key.published] } })

/** What hosts go by the name of an authority. Clients ask login.microsoftonline.com for it, unless told not to. */
export function discoverInstance(query: URLSearchParams, host: string): Answer {
  const endpoint = URL.parse(query.get('authorization_endpoint') ?? '')
  if (endpoint === null || query.get('api-version') === null)
    return {
      status: 400,
      body: {
        error: 'invalid_request',
        error_description:
          "AADSTS900144: The request body must contain the following parameter: 'authorization_endpoint'.",
        error_codes: [900_144],
      },
    }
  // Microsoft's client for Python leaves the port away.
  if (endpoint.hostname !== host.replace(/:\d+$/, ''))
    return {
      status: 400,
      body: {
        error: 'invalid_instance',
        error_description: 'AADSTS50049: Unknown or invalid instance.',
        error_codes: [50_049],
      },
    }
  const [, tenant = ''] = endpoint.pathname.split('/')
  return {
    status: 200,
    body: {
      tenant_discovery_endpoint: `https://${host}/${tenant}/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    },
  }
}
