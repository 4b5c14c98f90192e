import {
  AuthenticationHandler,
  Client,
  type Context,
  type Middleware,
  RedirectHandler,
  RedirectHandlerOptions,
  RetryHandler,
  RetryHandlerOptions,
} from '../../../packages/driver-onedrive/src/testing/vendor-client.ts'
import { vendorFetch } from '../vendor-fetch.ts'
import type { OneDrive } from './start-onedrive.ts'

/**
 * Microsoft's own client, whose last link sends what it would send anyway, but to the simulator. Hosts stay the vendor's: the
 * client sends tokens only to those.
 */
export function vendorClient(onedrive: OneDrive, token = onedrive.issueToken()): Client {
  const send = vendorFetch(onedrive.routes)
  const last: Middleware = {
    async execute(context: Context) {
      context.response = await send(context.request, { ...context.options, redirect: 'manual' })
    },
  }
  const first = new AuthenticationHandler({ getAccessToken: () => Promise.resolve(token) })
  const retry = new RetryHandler(new RetryHandlerOptions(1, 1))
  const redirect = new RedirectHandler(new RedirectHandlerOptions())
  first.setNext(retry)
  retry.setNext(redirect)
  redirect.setNext(last)
  return Client.initWithMiddleware({ middleware: first })
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  /** Undefined when it is no JSON object. */
  readonly json: Readonly<Record<string, unknown>>
  readonly code: string | undefined
  readonly inner: string | undefined
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

/** Requests without any client, for what Microsoft's does not let one say. Redirects are not followed. */
export function plainClient(onedrive: OneDrive, token = onedrive.issueToken()) {
  const send = vendorFetch(onedrive.routes)
  return async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answered> => {
    const isGraph = !path.startsWith('https://') || /^https:\/\/(?:graph|microsoftgraph)\./.test(path)
    const isRaw = body instanceof Uint8Array || typeof body === 'string'
    const response = await send(path.startsWith('https://') ? path : `https://graph.microsoft.com/v1.0${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(isGraph && token !== '' && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && !isRaw && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && {
        body: body instanceof Uint8Array ? Buffer.from(body) : isRaw ? body : JSON.stringify(body),
      }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
    const json = isJson ? record(JSON.parse(text)) : { text }
    const error = record(json.error)
    const inner = record(error.innerError).code
    return {
      status: response.status,
      headers: response.headers,
      json,
      code: typeof error.code === 'string' ? error.code : undefined,
      inner: typeof inner === 'string' ? inner : undefined,
    }
  }
}
