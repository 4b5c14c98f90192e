import { type Operation, StorageError } from '@filegate/core'
import type { Client, GraphRequest, Middleware, ResponseType } from '@microsoft/microsoft-graph-client'
import { jsonIn, strangeAnswer } from './json-answer.ts'
import { refusalOf } from './refusal.ts'

/** A call of the API. */
export interface Call extends Operation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Below the version, each part encoded. */
  readonly path: string
  /** Values as they are. */
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** What becomes JSON, or bytes. */
  readonly body?: object | undefined
  readonly version?: 'v1.0' | 'beta' | undefined
  /** Whether the answer may lead elsewhere. Where it may not, one that does is none. */
  readonly leads?: boolean | undefined
}

export interface Graph {
  /** What an answer holds; `undefined` for nothing. */
  json(call: Call): Promise<unknown>
  /** An answer that is a success, or leads elsewhere where it may. Its body is the caller's. */
  answer(call: Call): Promise<Response>
  /** Asks, and lets go of whatever the answer holds. */
  done(call: Call): Promise<void>
}

interface Library {
  readonly Client: typeof Client
  readonly ResponseType: typeof ResponseType
}

interface GraphOptions {
  /** Where the API is. */
  readonly origin: string
  /** Sends with the login. */
  readonly send: typeof fetch
}

/** Bytes that an answer may have. */
const longest = 67_108_864

/**
 * The vendor's library with a chain of one link, which is ours. That of the library drops the token for any other host than its
 * own list, tries again by itself, follows redirects, and loses what an error was caused by.
 */
export function createGraph({ Client, ResponseType }: Library, { origin, send }: GraphOptions): Graph {
  async function answer(call: Call): Promise<Response> {
    let failure: { readonly error: unknown } | undefined
    const link: Middleware = {
      async execute(context) {
        try {
          const url = typeof context.request === 'string' ? context.request : context.request.url
          context.response = await exchange(url, context.options ?? {}, call)
        } catch (error) {
          failure = { error }
          throw error
        }
      },
    }
    const request = Client.initWithMiddleware({ baseUrl: `${origin}/`, middleware: link })
      .api(call.path)
      .version(call.version ?? 'v1.0')
      .query(encoded(call.query ?? {}))
      .headers({ ...call.headers })
      .responseType(ResponseType.RAW)
    try {
      return responseIn(await methods[call.method](request, call.body))
    } catch (error) {
      throw failure ? failure.error : error
    }
  }

  async function exchange(
    url: string,
    { method = 'GET', headers, body = null }: Pick<RequestInit, 'method' | 'headers' | 'body'>,
    { leads = false, signal }: Pick<Call, 'leads' | 'signal'>,
  ): Promise<Response> {
    if (!url.startsWith(`${origin}/`)) throw new StorageError('Unexpected', 'A call would have left the API.')
    const sent = new Headers(headers)
    // Some ways to send a body lose its length, and uploads need it.
    if (method !== 'GET' && method !== 'DELETE') sent.set('content-length', String(lengthOf(body)))
    const response = await send(url, { method, headers: sent, body, redirect: 'manual', signal: signal ?? null })
    const isElsewhere = response.status >= 300 && response.status < 400
    if (response.ok || (isElsewhere && leads)) return response
    if (!isElsewhere) throw await refusalOf(response)
    await response.body?.cancel()
    throw new StorageError('Unexpected', strangeAnswer)
  }

  return {
    answer,
    async json(call) {
      return jsonIn(await answer(call), { longest, signal: call.signal })
    },
    async done(call) {
      const { headers, body } = await answer(call)
      await body?.cancel()
      // A page of some server on the way has done nothing.
      if (isPage(headers)) throw new StorageError('Unexpected', strangeAnswer)
    },
  }
}

const methods: Readonly<Record<Call['method'], (request: GraphRequest, body: unknown) => Promise<unknown>>> = {
  GET: (request) => request.get(),
  POST: (request, body) => request.post(body),
  PATCH: (request, body) => request.patch(body),
  PUT: (request, body) => request.put(body),
  DELETE: (request) => request.delete(),
}

/** The library joins queries as they come. */
const encoded = (query: NonNullable<Call['query']>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, encodeURIComponent(value).replaceAll('%2C', ',').replaceAll('%40', '@')]],
    ),
  )

const isPage = (headers: Headers): boolean => /^\s*text\/html\b/i.test(headers.get('content-type') ?? '')

function responseIn(answer: unknown): Response {
  if (typeof answer === 'object' && answer !== null && 'headers' in answer && 'body' in answer) return answerAs(answer)
  throw new TypeError('The library gave no answer.')
}

/** The library says `any` of what our own link gave it. */
const answerAs = (answer: object): Response => answer as Response

function lengthOf(body: RequestInit['body']): number {
  if (typeof body === 'string') return Buffer.byteLength(body)
  return body instanceof Uint8Array ? body.length : 0
}
