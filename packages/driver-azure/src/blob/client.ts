import { createHttpHeaders, createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline'
import type { BlobClient, BlobServiceClient, BlockBlobClient, ContainerClient } from '@azure/storage-blob'
import type * as Sdk from '@azure/storage-blob'
import type { ConnectContext } from '@filegate/core'
import { logIn, type ReadyLogin } from '../credentials/log-in.ts'
import { type Connections, createConnections } from '../http/agents.ts'
import type { BlobOptions } from './options.ts'
import type { Place } from './place.ts'

/** The vendor's library, ready to be used. */
export interface Vendor {
  readonly login: ReadyLogin
  readonly service: BlobServiceClient
  readonly container: (name: string) => ContainerClient
  readonly blob: (place: Place) => BlobClient
  /** Asks with the login of all requests, and leaves the answer as it is. A good one comes as a stream. */
  readonly ask: (url: string, signal: AbortSignal | undefined) => Promise<PipelineResponse>
  readonly blocks: (place: Place) => BlockBlobClient
  /** URL under which anybody can read a blob until then; only a key can make one. */
  readonly share?: ((place: Place, until: Date) => Promise<string>) | undefined
  readonly close: () => void
}

export async function createVendor(options: BlobOptions, context: Pick<ConnectContext, 'agents'>): Promise<Vendor> {
  const connections = createConnections(context)
  try {
    const login = await logIn(options, 'blob', connections)
    const sdk = await import('@azure/storage-blob')
    class Service extends sdk.BlobServiceClient {
      ask(url: string, signal: AbortSignal | undefined): Promise<PipelineResponse> {
        return this.storageClientContext.sendRequest(plainRequest(url, signal))
      }
    }
    const service = new Service(addressOf(login), pipelineOf(sdk, login, connections))
    const container = (name: string): ContainerClient => service.getContainerClient(name)
    return {
      login,
      service,
      container,
      ask: (url, signal) => service.ask(url, signal),
      blob: ({ container: name, key }) => container(name).getBlobClient(key),
      blocks: ({ container: name, key }) => container(name).getBlockBlobClient(key),
      ...(login.way.kind === 'key' && {
        share: ({ container: name, key }, expiresOn) =>
          container(name)
            .getBlobClient(key)
            .generateSasUrl({ permissions: sdk.BlobSASPermissions.parse('r'), expiresOn }),
      }),
      close: connections.close,
    }
  } catch (error) {
    connections.close()
    throw error
  }
}

/** https://learn.microsoft.com/rest/api/storageservices/versioning-for-the-azure-storage-services */
const version = '2025-11-05'

const plainRequest = (url: string, signal: AbortSignal | undefined) =>
  createPipelineRequest({
    url,
    method: 'GET',
    headers: createHttpHeaders({ 'x-ms-version': version, accept: 'application/xml' }),
    streamResponseStatusCodes: new Set([200]),
    allowInsecureConnection: true,
    ...(signal && { abortSignal: signal }),
  })

/** The library takes a signature for a part of the URL, and puts it behind all that it makes of that. */
const addressOf = ({ url, way }: ReadyLogin): string => (way.kind === 'sas' ? `${url}?${way.query}` : url)

function pipelineOf(sdk: typeof Sdk, login: ReadyLogin, { agentFor }: Connections): Sdk.Pipeline {
  const pipeline = sdk.newPipeline(credentialOf(sdk, login), {
    retryOptions: { maxTries: 1 },
    userAgentOptions: { userAgentPrefix: 'filegate' },
  })
  pipeline.factories.unshift({
    create: (next) => ({
      sendRequest(request) {
        request.agent = agentFor(request.url)
        return next.sendRequest(request)
      },
    }),
  })
  return pipeline
}

function credentialOf(sdk: typeof Sdk, { way }: ReadyLogin) {
  if (way.kind === 'key') return new sdk.StorageSharedKeyCredential(way.account, way.key)
  return way.kind === 'token' ? way.credential : new sdk.AnonymousCredential()
}
