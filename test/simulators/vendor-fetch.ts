import { findRoute, type VendorRoutes } from './vendor-routes.ts'

const redirects = new Set([301, 302, 303, 307, 308])
/** As in the Fetch standard. */
const mostRedirects = 20

interface Sending {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: NonNullable<RequestInit['body']> | null
  readonly signal: AbortSignal | null
  readonly redirect: Request['redirect']
}

/**
 * A `fetch` for which the hosts of vendors are simulators on loopback: each host of `routes` is asked there, its name kept in
 * the header `x-forwarded-host`. Any other host is refused, that of a redirect too, so nothing ever leaves this machine.
 * Redirects are followed as `fetch` follows them, and between hosts as the vendor names them.
 */
export function vendorFetch(routes: VendorRoutes): typeof fetch {
  return async (input, init) => {
    let sending = sendingOf(input, init)
    for (let followed = 0; followed <= mostRedirects; followed++) {
      const response = await send(routes, sending)
      const location = redirects.has(response.status) ? response.headers.get('location') : null
      if (location === null || sending.redirect === 'manual') return response
      await response.body?.cancel()
      if (sending.redirect === 'error') throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') })
      sending = redirected(sending, new URL(location, sending.url), response.status)
    }
    throw new TypeError('fetch failed', { cause: new Error('redirect count exceeded') })
  }
}

/** A `Request` is taken apart; what is no `Request` keeps its body as it came, whose length is then sent. */
function sendingOf(input: string | URL | Request, init: RequestInit = {}): Sending {
  const asked = input instanceof Request ? new Request(input, init) : undefined
  const url = new URL(input instanceof Request ? input.url : input)
  const { method = 'GET', body = null, signal = null, redirect = 'follow' } = asked ?? init
  return { url, method, headers: new Headers(asked?.headers ?? init.headers), body: body ?? null, signal, redirect }
}

function send(routes: VendorRoutes, { url, method, headers, body, signal }: Sending): Promise<Response> {
  const endpoint = findRoute(routes, url.hostname)
  if (endpoint === undefined) {
    throw new TypeError('fetch failed', { cause: new Error(`The test knows no host ${url.hostname}.`) })
  }
  const forwarded = new Headers(headers)
  forwarded.set('x-forwarded-host', url.host)
  forwarded.set('x-forwarded-proto', url.protocol.slice(0, -1))
  const target = `${endpoint}${url.pathname}${url.search}`
  return fetch(target, { method, headers: forwarded, body, signal, redirect: 'manual', duplex: 'half' })
}

/** Fetch standard, HTTP-redirect fetch. */
function redirected(before: Sending, location: URL, status: number): Sending {
  const headers = new Headers(before.headers)
  const url = new URL(location)
  url.hash ||= before.url.hash
  if (url.origin !== before.url.origin) for (const name of ['authorization', 'cookie', 'host']) headers.delete(name)
  const becomesGet =
    (status === 303 && before.method !== 'GET' && before.method !== 'HEAD') ||
    ((status === 301 || status === 302) && before.method === 'POST')
  if (!becomesGet) {
    if (before.body instanceof ReadableStream) {
      throw new TypeError('fetch failed', { cause: new Error('A stream cannot be sent a second time.') })
    }
    return { ...before, url, headers }
  }
  for (const name of ['content-type', 'content-length', 'content-encoding', 'content-language', 'content-location']) {
    headers.delete(name)
  }
  return { ...before, url, headers, method: 'GET', body: null }
}
