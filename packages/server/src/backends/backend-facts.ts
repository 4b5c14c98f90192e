import type { DriverDefinition } from '@filegate/core'
import { backendType, responseType } from './registry.ts'

export type BackendStatus = 'connected' | 'pending' | 'reauthorize'

/** What may be told of a backend. None of it is secret. */
export interface BackendFacts {
  readonly id: string
  readonly provider: string
  readonly backendType: string
  readonly type: string
  readonly title: string
  readonly description: string
  /** Where it is, if its options say so, and as whom we are known there. */
  readonly server: string | null
  readonly user: string | null
  readonly status: BackendStatus
  /** Why its options cannot be read, if so. */
  readonly problem: string | null
  /** Unix milliseconds. */
  readonly createdAt: number
  readonly lastUsed: number | null
}

type Options = Readonly<Record<string, unknown>>

/** Options that name the place and the account, in the order in which they are looked for. */
const serverOptions = ['endpoint', 'host', 'url', 'api_url', 'site', 'storage_url', 'auth'] as const
const userOptions = ['username', 'user', 'account', 'email', 'apple_id', 'login', 'cloud_name'] as const

function firstText(options: Options, names: readonly string[]): string | null {
  for (const name of names) {
    const value = options[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}

/** An address without what may be secret in it: the user information, the query and the fragment. */
export function shownAddress(address: string): string {
  const [plain = ''] = address.split(/[?#]/, 1)
  return plain.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i, '$1')
}

export function placeOf(options: Options): Pick<BackendFacts, 'server' | 'user'> {
  const server = firstText(options, serverOptions)
  return { server: server === null ? null : shownAddress(server), user: firstText(options, userOptions) }
}

export const kindOf = (definition: DriverDefinition): Pick<BackendFacts, 'backendType' | 'type' | 'title'> => ({
  backendType: backendType(definition.slug),
  type: responseType(definition),
  title: definition.title,
})

/** Of a provider that this version does not have. */
export const unknownKind = (slug: string): Pick<BackendFacts, 'backendType' | 'type' | 'title'> => ({
  backendType: backendType(slug),
  type: 'backend',
  title: slug,
})
