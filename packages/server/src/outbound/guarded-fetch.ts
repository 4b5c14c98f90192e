import { Agent, buildConnector, type Dispatcher, fetch as undiciFetch } from 'undici'
import { guardedLookup, type Resolve } from './agents.ts'
import { checkTarget, type OutboundRules } from './check-target.ts'
import { proxyRoute, type Target } from './proxy-route.ts'
import { addressOf, openTunnel, proxyAuthorization } from './proxy-tunnel.ts'

const portOf = (protocol: string, port: string): number => Number(port || (protocol === 'https:' ? 443 : 80))

/** Connections that go by the rules, those of redirects included, each on the way that its target asks for. */
export function guardedDispatcher(rules: OutboundRules, resolve?: Resolve): Agent {
  const routeOf = proxyRoute(rules.proxy)
  const connectDirectly = buildConnector({ lookup: guardedLookup(rules, resolve) })
  const connectToProxy = buildConnector({})

  async function connectInTunnel(
    proxy: URL,
    target: Target,
    ...[options, callback]: Parameters<typeof connectDirectly>
  ): Promise<void> {
    try {
      connectDirectly({ ...options, httpSocket: await openTunnel(proxy, target) }, callback)
    } catch (error) {
      callback(errorOf(error), null)
    }
  }

  class GuardedAgent extends Agent {
    /** A proxy is asked for plain HTTP with whole URLs (RFC 9112, section 3.2.2). */
    override dispatch(options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      const { protocol, hostname, port, origin } = new URL(String(options.origin))
      const proxy =
        protocol === 'http:' ? routeOf({ protocol, host: hostname, port: portOf(protocol, port) }) : undefined
      if (!proxy) return super.dispatch(options, handler)
      const authorization = proxyAuthorization(proxy)
      const headers =
        authorization === undefined ? {} : withHeader(options.headers, 'proxy-authorization', authorization)
      return super.dispatch({ ...options, path: `${origin}${options.path}`, ...headers }, handler)
    }
  }
  return new GuardedAgent({
    connect: (options, callback) => {
      const { protocol, hostname } = options
      const target: Target = { protocol, host: hostname, port: portOf(protocol, options.port) }
      const proxy = routeOf(target)
      try {
        checkTarget(target, proxy !== undefined, rules)
      } catch (refused) {
        callback(errorOf(refused), null)
        return
      }
      if (!proxy) connectDirectly(options, callback)
      else if (protocol === 'https:') void connectInTunnel(proxy, target, options, callback)
      else {
        const { host, port } = addressOf(proxy)
        connectToProxy(
          { hostname: host, host, protocol: proxy.protocol, port: String(port), servername: host },
          callback,
        )
      }
    },
  })
}

const errorOf = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

/** The parts of a request that has this header besides its own. */
function withHeader(headers: Dispatcher.DispatchOptions['headers'], name: string, value: string) {
  if (Array.isArray(headers)) return { headers: [...headers, name, value] }
  if (headers && Symbol.iterator in headers) return { headers: [...headers, [name, value] as const] }
  return { headers: { ...headers, [name]: value } }
}

/** `fetch` through the connections of `dispatcher`. */
export function fetchThrough(dispatcher: Agent): typeof fetch {
  return async (input, init = {}) => {
    const { body, ...others } = init
    if (!isSized(body) || input instanceof Request) {
      const { url, ...parts } = partsOf(new Request(input, init))
      return undiciFetch(url, { ...parts, dispatcher })
    }
    // Goes as it is, so that its length goes with it: some vendors want to know it.
    const { method = 'GET', signal = null, redirect = 'follow' } = others
    return undiciFetch(input, { method, headers: [...new Headers(others.headers)], body, signal, redirect, dispatcher })
  }
}

/** Whether a body says itself how long it is, and is known to the library: forms and blobs of Node's own are strangers to it. */
function isSized(body: unknown): body is string | URLSearchParams | ArrayBuffer | ArrayBufferView<ArrayBuffer> {
  return (
    typeof body === 'string' ||
    body instanceof URLSearchParams ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body)
  )
}

/** A `Request` of Node's own is a stranger to the library, so it is taken apart. */
function partsOf({ url, method, headers, body, signal, redirect }: Request) {
  return { url, method, headers: [...headers], signal, redirect, ...(body ? { body, duplex: 'half' as const } : {}) }
}
