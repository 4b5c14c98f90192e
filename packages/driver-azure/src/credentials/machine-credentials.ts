import type { TokenCredential } from '@azure/core-auth'
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline'
import { StorageError } from '@filegate/core'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'

/** Files with credentials are small; anything larger is something else. */
const largestFile = 1_048_576

/** A file that an option names. @throws StorageError `InvalidArgument` that names the option, not the file */
export async function readCredentials(option: string, path: string): Promise<Buffer> {
  const file = await readFile(expandedPath(path)).catch((cause: unknown) => {
    throw new StorageError('InvalidArgument', `${option}: the file cannot be read.`, { cause })
  })
  if (file.length > largestFile) throw new StorageError('InvalidArgument', `${option}: the file is too large for one.`)
  return file
}

/** `~` and `$NAME` in the path of a file, as shells have them. */
function expandedPath(path: string): string {
  const home = path.replace(/^~(?=\/|$)/, homedir())
  return home.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_whole, braced?: string, bare?: string) => {
    return process.env[braced ?? bare ?? ''] ?? ''
  })
}

/** The account that the environment names. */
export const environmentAccount = (): string => process.env.AZURE_STORAGE_ACCOUNT_NAME ?? ''

/** One managed identity of those a machine may have; nothing said is the machine's own. */
export interface WhichIdentity {
  readonly clientId?: string | undefined
  readonly objectId?: string | undefined
  readonly resourceId?: string | undefined
}

/** Milliseconds until a service on the machine itself counts as one that is not there. */
const patience = 10_000

/**
 * The service that gives out the tokens of the machine stands at an address that outbound rules forbid, and where it is only the
 * environment says. So it is asked past those rules, and nothing else is.
 */
function localClient(): HttpClient {
  const client = createDefaultHttpClient()
  return {
    sendRequest(request) {
      request.timeout ||= patience
      return client.sendRequest(request)
    },
  }
}

/** Tokens of a managed identity of the machine. */
export async function identityCredential(
  { clientId, objectId, resourceId }: WhichIdentity,
  { probes = false } = {},
): Promise<TokenCredential> {
  const { ManagedIdentityCredential } = await import('@azure/identity')
  // The first is for machines at Azure that are asked whether they are, so as not to wait on all others.
  const common = { sendProbeRequest: probes, httpClient: localClient(), retryOptions: { maxRetries: 0 } }
  if (clientId) return new ManagedIdentityCredential({ ...common, clientId })
  if (objectId) return new ManagedIdentityCredential({ ...common, objectId })
  return new ManagedIdentityCredential({ ...common, ...(resourceId && { resourceId }) })
}

/** Tokens from the program `az`. */
export async function azCredential(tenant: string): Promise<TokenCredential> {
  const { AzureCliCredential } = await import('@azure/identity')
  return new AzureCliCredential({ ...(tenant !== '' && { tenantId: tenant }), processTimeoutInMs: patience })
}

/**
 * What the machine has, looked for in this order: an application or a user in the environment, the workload identity of a
 * cluster, a managed identity, the program `az`.
 * @param entra for requests to the login service
 */
export async function environmentCredential(entra: {
  readonly httpClient: HttpClient
  readonly disableInstanceDiscovery: boolean
}): Promise<TokenCredential> {
  const identity = await import('@azure/identity')
  const options = { ...entra, retryOptions: { maxRetries: 0 } }
  const { AZURE_FEDERATED_TOKEN_FILE: tokenFile, AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: clientId } = process.env
  return new identity.ChainedTokenCredential(
    new identity.EnvironmentCredential(options),
    ...(tokenFile && tenant && clientId ? [new identity.WorkloadIdentityCredential(options)] : []),
    await identityCredential({ clientId }, { probes: true }),
    await azCredential(''),
  )
}
