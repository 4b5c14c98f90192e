import { Agent, buildConnector, fetch as undiciFetch } from 'undici'
import type { AddressRules } from './address-rules.ts'
import { checkHost, guardedLookup, type Resolve } from './agents.ts'

/** Connections that go by the rules, those of redirects included. */
export function guardedDispatcher(rules: AddressRules, resolve?: Resolve): Agent {
  const connect = buildConnector({ lookup: guardedLookup(rules, resolve) })
  return new Agent({
    connect: (options, callback) => {
      try {
        checkHost(options.hostname, rules)
      } catch (refused) {
        callback(refused instanceof Error ? refused : new Error(String(refused)), null)
        return
      }
      connect(options, callback)
    },
  })
}

/** `fetch` through the connections of `dispatcher`. */
export function fetchThrough(dispatcher: Agent): typeof fetch {
  return (input, init) => {
    const { url, ...parts } = partsOf(new Request(input, init))
    return undiciFetch(url, { ...parts, dispatcher })
  }
}

/** A `Request` of Node's own is a stranger to the library, so it is taken apart. */
function partsOf({ url, method, headers, body, signal, redirect }: Request) {
  return { url, method, headers: [...headers], signal, redirect, ...(body ? { body, duplex: 'half' as const } : {}) }
}
