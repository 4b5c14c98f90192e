import type { TokenCredential } from '@azure/core-auth'
import { expectLendable } from '@filegate/core'
import type { Connections } from '../http/agents.ts'
import { type Login, resolveLogin, type TokenWay, type Way } from './login.ts'
import { environmentAccount } from './machine-credentials.ts'
import type { LoginOptions } from './options.ts'
import type { Service } from './service.ts'
import { tokenCredential } from './token.ts'

type WithCredential<Known> = Known extends { readonly kind: 'token' }
  ? Known & { readonly credential: TokenCredential }
  : Known

/** A login that is ready: what its requests carry is at hand. */
export interface ReadyLogin extends Omit<Login, 'way'> {
  readonly way: WithCredential<Way>
}

/** Logins with what belongs to the machine or to its operator, and not to whoever connects. */
const lent: ReadonlySet<TokenWay> = new Set(['environment', 'identity', 'federated', 'az', 'file', 'certificate'])

/** Of the public cloud, of the national ones, and of accounts in zones: https://learn.microsoft.com/azure/storage/common/storage-account-overview */
const azure = {
  name: 'Azure Storage',
  hosts: ['core.windows.net', 'core.usgovcloudapi.net', 'core.chinacloudapi.cn', 'storage.azure.net'],
} as const

/**
 * Works out where to connect and as whom. Files that options name are read; nothing is sent yet: a wrong secret shows with the
 * first request.
 * @throws StorageError `InvalidArgument` that names the option to look at
 */
export async function logIn(options: LoginOptions, service: Service, connections: Connections): Promise<ReadyLogin> {
  const { way, ...login } = resolveLogin(options, service, options.env_auth ? environmentAccount() : '')
  if (way.kind !== 'token') return { ...login, way }
  if (lent.has(way.by)) expectLendable(login.url, azure)
  return { ...login, way: { ...way, credential: await tokenCredential(way.by, options, connections.client) } }
}
