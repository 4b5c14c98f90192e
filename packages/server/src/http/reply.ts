import type { Settings } from '../settings.ts'

export type Body = ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | string | null
type Headers = Readonly<Record<string, string>>

/**
 * Makes every response of the server. Headers are one plain object, complete from the start: the HTTP layer has a
 * synchronous path for such responses, which any later touch of the headers would leave (docs/decisions/0001).
 */
export interface Reply {
  (status: number, headers: Headers, body: Body): Response
  /** The headers as they will be sent, to be kept together with a body for `complete`. */
  merged(headers: Headers): Headers
  /** A 200 answer whose headers came from `merged`. */
  complete(headers: Headers, body: Uint8Array<ArrayBuffer>): Response
}

/** An answer whose body comes piece by piece. */
export interface StreamedReply {
  readonly status: number
  readonly headers: Headers
  readonly body: ReadableStream<Uint8Array>
}

const streamed = new WeakMap<Response, StreamedReply>()

/** What the response was made of, if its body comes piece by piece; looking at the response itself costs more. */
export const streamedReply = (response: Response): StreamedReply | undefined => streamed.get(response)

/** Without it an answer that only has a status would be sent in chunks. */
const empty = { 'content-length': '0' }

export function createReply(settings: Pick<Settings, 'cors'>): Reply {
  const common: Record<string, string> = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' }
  if (settings.cors) {
    Object.assign(common, {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Authorization,*',
    })
  }
  const merged = (headers: Headers): Headers => ({ ...common, ...headers })
  const reply = (status: number, given: Headers, body: Body): Response => {
    const headers = merged(body === null && (status === 201 || status >= 400) ? { ...given, ...empty } : given)
    const response = new Response(body, { status, headers })
    if (body instanceof ReadableStream) streamed.set(response, { status, headers, body })
    return response
  }
  const complete = (headers: Headers, body: Uint8Array<ArrayBuffer>): Response =>
    new Response(body, { status: 200, headers })
  return Object.assign(reply, { merged, complete })
}
