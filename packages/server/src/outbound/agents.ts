import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { Agent as HttpAgent, type AgentOptions } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { type AddressRules, checkAddress } from './address-rules.ts'
import { checkTarget, type OutboundRules } from './check-target.ts'
import { exceptionsForNode, proxyRoute, type Target } from './proxy-route.ts'
import { openTunnel } from './proxy-tunnel.ts'

/** Resolves a name; for tests. */
export type Resolve = (name: string, found: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void

const systemResolve: Resolve = (name, found) =>
  systemLookup(name, { all: true, verbatim: true }, (error, addresses) => found(error, addresses ?? []))

/**
 * Resolves names for a connection and refuses those that lead, by any of their addresses, where the rules forbid. The check is
 * made on the very answer that the connection then uses, so a name that answers differently next time gains nothing.
 */
export function guardedLookup(rules: AddressRules, resolve: Resolve = systemResolve): LookupFunction {
  return (name, options, callback) => {
    resolve(name, (error, addresses) => {
      const [first] = addresses
      if (error || !first) {
        callback(error ?? new Error(`The name ${name} has no address.`), '', 0)
        return
      }
      try {
        for (const { address } of addresses) checkAddress(address, rules)
      } catch (refused) {
        callback(refused instanceof Error ? refused : new Error(String(refused)), '', 0)
        return
      }
      if (options.all) callback(null, [...addresses])
      else callback(null, first.address, first.family)
    })
  }
}

type Connecting = Parameters<HttpAgent['createConnection']>

/** Hands the error to the request: thrown out of `http.request` it would pass vendor libraries by, which expect no such thing. */
function fail([, answer]: Connecting, error: Error): void {
  if (!answer) throw error
  // Without a connection there is nothing to hand over.
  process.nextTick(() => Reflect.apply(answer, undefined, [error]))
}

const errorOf = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

export interface GuardedAgents {
  readonly http: HttpAgent
  readonly https: HttpsAgent
}

/** Agents for vendor libraries that bring their own HTTP. Every connection they make, redirects included, goes by the rules. */
export function guardedAgents(rules: OutboundRules, options: AgentOptions = {}, resolve?: Resolve): GuardedAgents {
  const { proxy } = rules
  const routeOf = proxyRoute(proxy)
  const wayOf = (protocol: string, [{ host, hostname, port }]: Connecting) => {
    const target: Target = { protocol, host: host ?? hostname ?? 'localhost', port: Number(port) }
    return { target, proxy: routeOf(target) }
  }
  const lookup = guardedLookup(rules, resolve)
  const all = { keepAlive: true, ...options, lookup }

  class GuardedHttpAgent extends HttpAgent {
    override createConnection(...args: Connecting) {
      const { target, proxy } = wayOf('http:', args)
      try {
        checkTarget(target, proxy !== undefined, rules)
      } catch (refused) {
        fail(args, errorOf(refused))
        return undefined
      }
      return super.createConnection(...args)
    }
  }
  class GuardedHttpsAgent extends HttpsAgent {
    override createConnection(...args: Connecting) {
      const { target, proxy } = wayOf('https:', args)
      try {
        checkTarget(target, proxy !== undefined, rules)
      } catch (refused) {
        fail(args, errorOf(refused))
        return undefined
      }
      if (!proxy) return super.createConnection(...args)
      const [asked, answer] = args
      openTunnel(proxy, target).then(
        (socket) => {
          const inTunnel = { ...asked, socket }
          const secured = super.createConnection(inTunnel)
          if (secured) answer?.(null, secured)
        },
        (error: unknown) => fail(args, errorOf(error)),
      )
      return undefined
    }
  }
  // Node itself asks proxies for plain HTTP: the path of a request is written before its agent gets to see it.
  const proxyEnv =
    proxy?.http === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy.http, NO_PROXY: exceptionsForNode(proxy) } }
  return { http: new GuardedHttpAgent({ ...all, ...proxyEnv }), https: new GuardedHttpsAgent(all) }
}
