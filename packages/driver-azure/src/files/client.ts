import type { Pipeline, RequestPolicyFactory, ShareClient } from '@azure/storage-file-share'
import type * as Sdk from '@azure/storage-file-share'
import { type ConnectContext, StorageError } from '@filegate/core'
import { logIn, type ReadyLogin } from '../credentials/log-in.ts'
import { type Connections, createConnections } from '../http/agents.ts'
import type { AzureFilesOptions } from './options.ts'
import { settleShareName } from './share-name.ts'

/** The vendor's library, ready to be used. */
export interface Vendor {
  readonly login: ReadyLogin
  readonly share: ShareClient
  readonly readPermission: () => Sdk.FileSASPermissions
  readonly close: () => void
}

export async function createVendor(
  options: AzureFilesOptions,
  context: Pick<ConnectContext, 'agents'>,
): Promise<Vendor> {
  const connections = createConnections(context)
  try {
    const login = await logIn(options, 'file', connections)
    const { name, problem } = settleShareName(options.share_name, login.container)
    if (name === undefined) throw new StorageError('InvalidArgument', `share_name: ${problem}.`)
    const sdk = await import('@azure/storage-file-share')
    return {
      login,
      share: new sdk.ShareClient(addressOf(login, name), pipelineOf(sdk, login, connections), {
        // Names are sent as they are; without these the service takes a dot at their end away.
        allowTrailingDot: true,
        allowSourceTrailingDot: true,
        // Tokens are good for all files, whatever their access lists say, and are refused to who does not say so.
        ...(login.way.kind === 'token' && { fileRequestIntent: 'backup' }),
      }),
      readPermission: () => sdk.FileSASPermissions.parse('r'),
      close: connections.close,
    }
  } catch (error) {
    connections.close()
    throw error
  }
}

/** The library takes a signature for a part of the URL, and puts it behind all that it makes of that. */
const addressOf = ({ url, way }: ReadyLogin, name: string): string =>
  `${url}/${name}${way.kind === 'sas' ? `?${way.query}` : ''}`

function pipelineOf(sdk: typeof Sdk, login: ReadyLogin, { agentFor }: Connections): Pipeline {
  const pipeline = sdk.newPipeline(credentialOf(sdk, login), {
    retryOptions: { maxTries: 1 },
    userAgentOptions: { userAgentPrefix: 'filegate' },
  })
  const agents: RequestPolicyFactory = {
    create: (next) => ({
      sendRequest(request) {
        request.agent = agentFor(request.url)
        return next.sendRequest(request)
      },
    }),
  }
  pipeline.factories.unshift(agents, renamesBelow(new URL(login.url).pathname))
  return pipeline
}

function credentialOf(sdk: typeof Sdk, { way }: ReadyLogin) {
  if (way.kind === 'key') return new sdk.StorageSharedKeyCredential(way.account, way.key)
  return way.kind === 'token' ? way.credential : new sdk.AnonymousCredential()
}

/** Where the account stands in the path, the library forgets it in the place that something is renamed to. */
function renamesBelow(accountPath: string): RequestPolicyFactory {
  return {
    create: (next) => ({
      sendRequest(request) {
        const url = new URL(request.url)
        if (accountPath !== '/' && url.searchParams.get('comp') === 'rename') {
          url.pathname = accountPath + url.pathname
          request.url = url.href
        }
        return next.sendRequest(request)
      },
    }),
  }
}
