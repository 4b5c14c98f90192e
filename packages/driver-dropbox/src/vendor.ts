import { StorageError } from '@filegate/core'
import { grantLost } from '@filegate/core/oauth'
import type * as Sdk from 'dropbox'
import { headerJson } from './header-json.ts'
import { member } from './member.ts'
import { tagsOf } from './tags.ts'

/** Bytes that the answer to a refused request may have. */
const longestRefusal = 1_048_576

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
  const send = revealingLostGrants(fetch)
  return {
    // Without a token the library leaves the header of it to `fetch`, and without a refresh token it renews nothing.
    api: new Dropbox({ auth: new DropboxAuth({ fetch: send }), fetch: send, customHeaders: headers }),
    async download(route, argument, { range, signal }) {
      const answer = await send(`https://content.dropboxapi.com/2/${route}`, {
        method: 'POST',
        headers: { ...headers, 'Dropbox-API-Arg': headerJson(argument), ...(range !== undefined && { Range: range }) },
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

/** What is refused, in the shape of the library's errors. */
async function refusalOf(answer: Response): Promise<Error> {
  const error = jsonOr(await textOf(answer))
  const { status, headers } = answer
  return Object.assign(new Error(`Dropbox answered ${status}.`), { status, headers, error })
}

async function textOf(answer: Response): Promise<string> {
  const said = await answer.text()
  return said.slice(0, longestRefusal)
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Tokens that were good once and are no more; the token has been renewed already where that was possible. */
const lostTokens: ReadonlySet<string> = new Set(['invalid_access_token', 'expired_access_token'])

/** What nobody but the user can help with is told in a way that servers know; the rest is for the table of errors. */
const revealingLostGrants =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  async (input, init) => {
    const answer = await fetch(input, init)
    if (answer.status !== 401) return answer
    const refusal = await refusalOf(answer)
    if (lostTokens.has(tagsOf(refusal))) {
      throw grantLost(
        'token: Dropbox does not accept it any more: it has expired, or access was taken back. Allow it anew.',
        refusal,
      )
    }
    const said = member(refusal, 'error')
    return new Response(typeof said === 'string' ? said : JSON.stringify(said), {
      status: 401,
      headers: answer.headers,
    })
  }
