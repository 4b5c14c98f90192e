import { StorageError } from '@filegate/core'
import type * as Sdk from 'dropbox'
import { headerJson } from './header-json.ts'
import { bounded, refusalOf } from './refusal.ts'

export interface Download {
  /** What goes into the header `Range`. */
  readonly range?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Downloaded {
  /** What the answer says of the content; its shape depends on the route. */
  readonly result: unknown
  readonly headers: Headers
  readonly body: ReadableStream<Uint8Array>
}

export interface Vendor {
  /** The vendor's library. What it refuses has `status`, `headers` and `error`. */
  readonly api: Sdk.Dropbox
  /** Content as it comes in, which the library would hold whole in memory. */
  download(route: DownloadRoute, argument: object, how: Download): Promise<Downloaded>
}

type DownloadRoute = 'files/download' | 'files/export' | 'sharing/get_shared_link_file'

interface Sending {
  /** Sends in the name of the connection. */
  readonly fetch: typeof globalThis.fetch
  /** On whose behalf, and below which root. */
  readonly headers: Readonly<Record<string, string>>
}

export function createVendor(
  { Dropbox, DropboxAuth }: Pick<typeof Sdk, 'Dropbox' | 'DropboxAuth'>,
  { fetch, headers }: Sending,
): Vendor {
  return {
    // Without a token the library leaves the header of it to `fetch`, and without a refresh token it renews nothing.
    api: new Dropbox({ auth: new DropboxAuth({ fetch }), fetch: bounded(fetch), customHeaders: headers }),
    async download(route, argument, { range, signal }) {
      const answer = await fetch(`https://content.dropboxapi.com/2/${route}`, {
        method: 'POST',
        // Bytes that were compressed on their way would not be those of a range.
        headers: {
          ...headers,
          'Accept-Encoding': 'identity',
          'Dropbox-API-Arg': headerJson(argument),
          ...(range !== undefined && { Range: range }),
        },
        ...(signal && { signal }),
      })
      if (!answer.ok) throw await refusalOf(answer)
      const body = answer.body ?? new Blob([]).stream()
      try {
        return { result: parsed(answer.headers.get('dropbox-api-result') ?? ''), headers: answer.headers, body }
      } catch (error) {
        await body.cancel()
        throw error
      }
    },
  }
}

function parsed(told: string): unknown {
  try {
    return JSON.parse(told)
  } catch (cause) {
    throw new StorageError('Unexpected', 'Dropbox sent a file without saying what it is.', { cause })
  }
}
