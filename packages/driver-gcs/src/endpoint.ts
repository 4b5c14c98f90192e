import { StorageError } from '@filegate/core'

const api = '/storage/v1'

/** Where the service answers; what is under it are `/storage/v1` and `/upload/storage/v1`. */
export interface Endpoint {
  /** Without a slash at its end. */
  readonly root: string
}

/**
 * A host, or a URL with or without the path of the API at its end. Empty: Google's own.
 * @throws StorageError `InvalidArgument`
 */
export function parseEndpoint(text: string): Endpoint {
  const trimmed = text.trim()
  if (trimmed === '') return { root: 'https://storage.googleapis.com' }
  const url = URL.parse(trimmed.includes('://') ? trimmed : `https://${trimmed}`)
  if (!url || !/^https?:$/.test(url.protocol) || url.username + url.password + url.search + url.hash !== '') {
    throw new StorageError(
      'InvalidArgument',
      'must be a host or a URL such as https://storage.example.com, without a login',
    )
  }
  const path = url.pathname.replace(/\/+$/, '')
  return { root: `${url.origin}${path.endsWith(api) ? path.slice(0, -api.length) : path}` }
}

export const apiOf = ({ root }: Endpoint): string => `${root}${api}`

export const uploadsOf = ({ root }: Endpoint): string => `${root}/upload${api}`
