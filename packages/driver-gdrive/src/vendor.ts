import { type ConnectContext, createPacer, type Pace, StorageError } from '@filegate/core'
import { authorizedFetch, type TokenSource } from '@filegate/core/oauth'
import type * as Sdk from '@googleapis/drive'
import { refusalOf, type Stops, StrangeAnswer } from './answers.ts'

export interface Sent {
  readonly method?: string | undefined
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined
  readonly signal?: AbortSignal | undefined
  /** The answers besides those of success that are none of failure. */
  readonly expected?: readonly number[] | undefined
}

/** The vendor's library, and the HTTP below it. */
export interface Vendor {
  readonly api: Sdk.drive_v3.Drive
  /** What a call of the library gives. @throws Refusal for what is no success */
  ask<Data>(call: Promise<{ readonly data: Data }>): Promise<Data>
  /** One request in the name of the connection. @throws Refusal for what is no success */
  exchange(sent: Sent): Promise<Response>
}

interface VendorRules {
  readonly context: Pick<ConnectContext, 'fetch'>
  readonly login: TokenSource
  readonly stops: Stops
  readonly pace: Pace
}

export function createVendor(
  { drive }: Pick<typeof Sdk, 'drive'>,
  { context, login, stops, pace }: VendorRules,
): Vendor {
  const authorized = authorizedFetch(login, context.fetch)
  // The limit of the vendor is on requests, and one operation may make many of them.
  const pacer = createPacer(pace)

  async function send(url: string, init: RequestInit, expected: readonly number[] = []): Promise<Response> {
    expectGoogle(url)
    const answer = await pacer.run(() => authorized(url, init), init.signal ?? undefined)
    if (answer.ok || expected.includes(answer.status)) return answer
    throw await refusalOf(answer, stops)
  }

  return {
    api: drive({
      version: 'v3',
      // The library would go by a variable of the environment.
      universeDomain: 'googleapis.com',
      retry: false,
      async fetchImplementation(input, init) {
        return noPage(await send(input instanceof Request ? input.url : String(input), plainInit(init)))
      },
    }),
    async ask(call) {
      try {
        return (await call).data
      } catch (error) {
        // The library puts an error of its own around what really happened.
        throw error instanceof Error && error.cause instanceof Error ? error.cause : error
      }
    },
    exchange({ method = 'GET', url, headers = {}, body, signal, expected }) {
      const streamed = body instanceof ReadableStream ? { duplex: 'half' as const } : {}
      // Only what is exported and downloaded lies elsewhere at times; what is sent is for nobody else.
      const redirect = method === 'GET' ? 'follow' : 'manual'
      const init = { method, headers, ...(body && { body, ...streamed }), ...(signal && { signal }), redirect } as const
      return send(url, init, expected)
    },
  }
}

export const apiUrl = 'https://www.googleapis.com/drive/v3'

/** The answer to a part of an upload that is not the last. */
export const unfinished = 308

/** The API says nothing in pages: one is of some server on the way, and nothing was done. */
async function noPage(answer: Response): Promise<Response> {
  if (!/^\s*text\/html\b/i.test(answer.headers.get('content-type') ?? '')) return answer
  await answer.body?.cancel()
  throw new StrangeAnswer('The answer is a page.')
}

/** Of all that the library hands on, what is for `fetch`. */
function plainInit({ method, headers, body, signal }: RequestInit = {}): RequestInit {
  const parts = {
    ...(method && { method }),
    ...(headers && { headers }),
    ...(body && { body }),
    ...(signal && { signal }),
  }
  return { ...parts, redirect: 'manual' }
}

const google = /(?:^|\.)(?:googleapis|google|googleusercontent)\.com$/

/** The names of machines that anybody can rent. */
const machines = /\.bc\.googleusercontent\.com$/

/** Some addresses come out of answers, and the token goes to no stranger. */
function expectGoogle(address: string): void {
  const url = new URL(address)
  if (url.protocol === 'https:' && google.test(url.hostname) && !machines.test(url.hostname)) return
  throw new StorageError('Unexpected', `The answer of Google leads to another host, ${url.hostname}.`)
}
