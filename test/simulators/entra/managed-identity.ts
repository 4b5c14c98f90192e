import type { IncomingHttpHeaders } from 'node:http'
import { type Directory, isKnownResource, issueToken, type ManagedIdentity } from './directory.ts'
import type { Answer } from './entra-error.ts'

// Sources: How to use managed identities on an Azure VM to acquire an access token; the same for App Service.

export interface IdentityRequest {
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly directory: Directory
}

const refuse = (status: number, description: string): Answer => ({
  status,
  body: { error: status === 400 ? 'invalid_request' : 'unauthorized', error_description: description },
})

/** The metadata service of virtual machines: `/metadata/identity/oauth2/token`, at 169.254.169.254 in real life. */
export function metadataToken({ query, headers, directory }: IdentityRequest): Answer {
  if (headers.metadata !== 'true') return refuse(400, 'Required metadata header not specified')
  // A request that was passed on by others is not the machine's own.
  if (headers['x-forwarded-for'] !== undefined) return refuse(400, 'Forwarded requests are not allowed')
  if (!/^2018-02-01$|^20(?:19|2\d)-\d\d-\d\d$/.test(query.get('api-version') ?? ''))
    return refuse(400, "Required query variable 'api-version' is missing or not supported")
  return tokenFor(query, directory, ['client_id', 'object_id', 'msi_res_id', 'mi_res_id'], (identity, seconds) => ({
    client_id: identity.clientId,
    expires_in: String(directory.lifetime),
    ext_expires_in: String(directory.lifetime),
    expires_on: String(seconds + directory.lifetime),
    not_before: String(seconds),
  }))
}

/** App Service and Functions: what IDENTITY_ENDPOINT names, with the secret of IDENTITY_HEADER. */
export function appServiceToken({ query, headers, directory }: IdentityRequest, secret: string): Answer {
  if (headers['x-identity-header'] !== secret) return refuse(401, 'The header X-IDENTITY-HEADER is missing or wrong.')
  if (query.get('api-version') !== '2019-08-01')
    return refuse(400, "The query variable 'api-version' must be 2019-08-01.")
  return tokenFor(query, directory, ['client_id', 'principal_id', 'object_id', 'mi_res_id'], (identity, seconds) => ({
    client_id: identity.clientId,
    expires_on: String(seconds + directory.lifetime),
  }))
}

function tokenFor(
  query: URLSearchParams,
  directory: Directory,
  selectors: readonly string[],
  more: (identity: ManagedIdentity, seconds: number) => Readonly<Record<string, string>>,
): Answer {
  const resource = query.get('resource')
  if (!resource) return refuse(400, "Required query variable 'resource' is missing")
  if (!isKnownResource(directory, resource))
    return {
      status: 400,
      body: {
        error: 'invalid_resource',
        error_description: `AADSTS500011: The resource principal named ${resource} was not found in the tenant named ${directory.tenant}.`,
      },
    }
  const given = selectors.filter((name) => query.has(name))
  if (given.length > 1) return refuse(400, 'Only one of client_id, object_id and msi_res_id may be given')
  const identity = select(directory.identities, query, given[0])
  if (identity === undefined) return refuse(400, 'Identity not found')
  const { clientId, objectId, resourceId } = identity
  const token = issueToken(directory, { resource, clientId, objectId, claims: { xms_mirid: resourceId, idtyp: 'app' } })
  const seconds = Math.floor(Date.now() / 1000)
  return { status: 200, body: { access_token: token, resource, token_type: 'Bearer', ...more(identity, seconds) } }
}

function select(
  identities: readonly ManagedIdentity[],
  query: URLSearchParams,
  selector: string | undefined,
): ManagedIdentity | undefined {
  if (selector === undefined)
    return identities.find(({ ofSystem }) => ofSystem) ?? (identities.length === 1 ? identities[0] : undefined)
  const wanted = query.get(selector)?.toLowerCase()
  const property = selector === 'client_id' ? 'clientId' : selector.endsWith('res_id') ? 'resourceId' : 'objectId'
  return identities.find((identity) => identity[property].toLowerCase() === wanted)
}
