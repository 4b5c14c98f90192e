import { StorageError } from '@filegate/core'
import type { Service } from './service.ts'

/** What a connection string says, as far as it matters to one service. */
export interface ConnectionString {
  readonly account: string
  readonly key: string
  /** A shared access signature, without `?`. */
  readonly sas: string
  /** Empty where the string does not say enough to know it. */
  readonly endpoint: string
}

const endpointNames: Readonly<Record<Service, string>> = { blob: 'blobendpoint', file: 'fileendpoint' }

/**
 * `Name=value` pairs with `;` between them; names in any case. Values may hold `=`.
 * https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
 * @throws StorageError `InvalidArgument`
 */
export function parseConnectionString(text: string, service: Service): ConnectionString {
  const parts = text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const pairs = parts.map((part) => [part.split('=', 1)[0] ?? '', part] as const)
  const values = new Map(pairs.map(([name, part]) => [name.toLowerCase(), part.slice(name.length + 1)]))
  const said = (name: string): string => values.get(name) ?? ''
  if (parts.length === 0 || parts.some((part) => !/^\w+=/.test(part))) {
    throw new StorageError('InvalidArgument', 'connection_string: must be Name=value pairs with ; between them.')
  }
  const account = said('accountname')
  const protocol = said('defaultendpointsprotocol') || 'https'
  const suffix = said('endpointsuffix') || 'core.windows.net'
  const built = account === '' ? '' : `${protocol}://${account}.${service}.${suffix}`
  return {
    account,
    key: said('accountkey'),
    sas: said('sharedaccesssignature').replace(/^\?/, ''),
    endpoint: said(endpointNames[service]) || built,
  }
}
