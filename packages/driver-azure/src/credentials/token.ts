import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import { StorageError } from '@filegate/core'
import { z } from 'zod'
import { certificatePem } from './certificate.ts'
import type { TokenWay } from './login.ts'
import { azCredential, environmentCredential, identityCredential, readCredentials } from './machine-credentials.ts'
import type { LoginOptions } from './options.ts'

/** Of the identity that stands surety for an application. */
const exchangeScope = 'api://AzureADTokenExchange/.default'

interface Asking {
  readonly httpClient: HttpClient
  readonly disableInstanceDiscovery: boolean
  readonly retryOptions: { readonly maxRetries: number }
}

type Make = (options: LoginOptions, asking: Asking) => Promise<TokenCredential>

/** The credential of each way to log in. Files are read here, tokens are fetched when they are needed. */
const makers: Readonly<Record<TokenWay, Make>> = {
  environment: async (_options, asking) => environmentCredential(asking),
  async secret({ tenant, client_id: id, client_secret: secret }, asking) {
    const { ClientSecretCredential } = await import('@azure/identity')
    return new ClientSecretCredential(tenant, id, secret, asking)
  },
  async certificate(options, asking) {
    const { tenant, client_id: id, client_certificate_path: path, client_certificate_password: password } = options
    const certificate = await certificatePem(await readCredentials('client_certificate_path', path), password)
    const { ClientCertificateCredential } = await import('@azure/identity')
    const sendCertificateChain = options.client_send_certificate_chain
    return new ClientCertificateCredential(tenant, id, { certificate }, { ...asking, sendCertificateChain })
  },
  async user({ tenant, client_id: id, username, password }, asking) {
    const { UsernamePasswordCredential } = await import('@azure/identity')
    return new UsernamePasswordCredential(tenant, id, username, password, asking)
  },
  async file({ service_principal_file: path }, asking) {
    const principal = parsePrincipal(await readCredentials('service_principal_file', path))
    const { ClientSecretCredential } = await import('@azure/identity')
    return new ClientSecretCredential(principal.tenant, principal.appId, principal.password, asking)
  },
  identity: async (options) => identityCredential(identityOf(options)),
  async federated({ tenant, client_id: id, msi_client_id: clientId }, asking) {
    const { ClientAssertionCredential } = await import('@azure/identity')
    const surety = await identityCredential({ clientId })
    const assertion = async (): Promise<string> => (await surety.getToken(exchangeScope))?.token ?? ''
    return new ClientAssertionCredential(tenant, id, assertion, asking)
  },
  az: async ({ tenant }) => azCredential(tenant),
}

export async function tokenCredential(
  by: TokenWay,
  options: LoginOptions,
  httpClient: HttpClient,
): Promise<TokenCredential> {
  const disableInstanceDiscovery = options.disable_instance_discovery === true
  const { client, reasonOf } = withReasons(httpClient)
  const credential = await makers[by](options, {
    httpClient: client,
    disableInstanceDiscovery,
    retryOptions: { maxRetries: 0 },
  })
  return {
    async getToken(scopes, asked) {
      try {
        return await credential.getToken(scopes, asked)
      } catch (error) {
        throw reasonOf(error)
      }
    },
  }
}

/** The library for logins says of a connection that failed that it failed, and forgets why. */
function withReasons(httpClient: HttpClient): { client: HttpClient; reasonOf: (error: unknown) => unknown } {
  let last: unknown
  const client: HttpClient = {
    async sendRequest(request) {
      try {
        return await httpClient.sendRequest(request)
      } catch (error) {
        last = error
        throw error
      }
    },
  }
  return {
    client,
    reasonOf(error) {
      if (!(error instanceof Error) || !error.message.includes('network_error') || last === undefined) return error
      return Object.assign(new Error('The login service could not be reached.', { cause: last }), { name: error.name })
    },
  }
}

const identityOf = (options: LoginOptions) => ({
  clientId: options.msi_client_id || undefined,
  objectId: options.msi_object_id || undefined,
  resourceId: options.msi_mi_res_id || undefined,
})

const principalFile = z.object({ appId: z.string().min(1), password: z.string().min(1), tenant: z.string().min(1) })

function parsePrincipal(file: Buffer): z.output<typeof principalFile> {
  const parsed = principalFile.safeParse(parsedJson(file.toString('utf8')))
  if (parsed.success) return parsed.data
  const message = 'service_principal_file: the file has to be JSON with appId, password and tenant.'
  throw new StorageError('InvalidArgument', message)
}

/** `undefined` for what is no JSON; the error of the parser would quote the secret. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
