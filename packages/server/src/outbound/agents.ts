import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { Agent as HttpAgent, type AgentOptions } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { type AddressRules, checkAddress } from './address-rules.ts'

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

/** For addresses written as such no name is resolved, so they are checked when the connection is asked for. */
export function checkHost(host: string | null | undefined, rules: AddressRules): void {
  const bare = (host ?? '').replace(/^\[|\]$/g, '')
  if (isIP(bare) !== 0) checkAddress(bare, rules)
}

/**
 * Whether the connection must not be made. The request then fails with the reason as its `error`: thrown out of
 * `http.request` it would pass vendor libraries by, which expect no such thing there.
 */
function refuses(rules: AddressRules, ...[options, answer]: Parameters<HttpAgent['createConnection']>): boolean {
  try {
    checkHost(options.host ?? options.hostname, rules)
    return false
  } catch (refused) {
    if (!answer || !(refused instanceof Error)) throw refused
    const reason = refused
    // Without a connection there is nothing to hand over.
    process.nextTick(() => Reflect.apply(answer, undefined, [reason]))
    return true
  }
}

export interface GuardedAgents {
  readonly http: HttpAgent
  readonly https: HttpsAgent
}

/** Agents for vendor libraries that bring their own HTTP. Every connection they make, redirects included, goes by the rules. */
export function guardedAgents(rules: AddressRules, options: AgentOptions = {}, resolve?: Resolve): GuardedAgents {
  const lookup = guardedLookup(rules, resolve)
  const all = { keepAlive: true, ...options, lookup }
  class GuardedHttpAgent extends HttpAgent {
    override createConnection(...args: Parameters<HttpAgent['createConnection']>) {
      return refuses(rules, ...args) ? undefined : super.createConnection(...args)
    }
  }
  class GuardedHttpsAgent extends HttpsAgent {
    override createConnection(...args: Parameters<HttpsAgent['createConnection']>) {
      return refuses(rules, ...args) ? undefined : super.createConnection(...args)
    }
  }
  return { http: new GuardedHttpAgent(all), https: new GuardedHttpsAgent(all) }
}
