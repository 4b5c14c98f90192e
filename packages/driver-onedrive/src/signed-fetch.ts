import { StorageError } from '@filegate/core'

/**
 * For the addresses that the service gives out, which are as good as passwords: they are only followed where nobody listens in, and
 * no error repeats one.
 */
export const signedFetch =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  async (input, init) => {
    const url = URL.parse(input instanceof Request ? input.url : String(input))
    if (url?.protocol === 'https:') return fetch(url, init)
    throw new StorageError('Unexpected', 'OneDrive gave an address that this driver does not follow.')
  }
