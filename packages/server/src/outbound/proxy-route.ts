import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import type { ProxySettings } from './proxy-settings.ts'

/** Where a connection is asked for. */
export interface Target {
  readonly protocol: string
  /** A name or an address. */
  readonly host: string
  readonly port: number
}

/** The proxy that leads to a target; undefined: none does, it is connected to directly. */
export type ProxyRoute = (target: Target) => URL | undefined

/** This machine is never behind a proxy: there the same names mean the proxy's. */
const always: readonly string[] = ['localhost', '127.0.0.0/8', '::1']

export function proxyRoute(settings: ProxySettings | undefined): ProxyRoute {
  if (!settings) return () => undefined
  const proxies = new Map<string, URL>()
  if (settings.https !== undefined) proxies.set('https:', new URL(settings.https))
  if (settings.http !== undefined) proxies.set('http:', new URL(settings.http))
  const exceptions = [...always, ...settings.exceptions].map(compileException)
  return ({ protocol, host, port }) => {
    const name = plainHost(host)
    return exceptions.some((matches) => matches(name, port)) ? undefined : proxies.get(protocol)
  }
}

type Exception = (host: string, port: number) => boolean

/** `*`, a name (and all below it, with or without a dot in front), `name:port`, an address, or addresses as `10.0.0.0/8` or `a-b`. */
function compileException(entry: string): Exception {
  const text = entry.toLowerCase()
  if (text === '*') return () => true
  const addresses = addressesOf(text)
  if (addresses) return (host) => isIP(host) !== 0 && addresses.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
  const [, name = text, port] = /^(\[[^\]]*\]|[^:]+):(\d+)$/.exec(text) ?? []
  const bare = plainHost(name.replace(/^\*?\./, ''))
  if (port !== undefined) return (host, asked) => host === bare && asked === Number(port)
  return (host) => host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`))
}

function addressesOf(text: string): BlockList | undefined {
  const list = new BlockList()
  const [, network = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const [, first = '', last = ''] = /^([\d.]+)-([\d.]+)$/.exec(text) ?? []
  try {
    if (isIP(network) !== 0) list.addSubnet(network, Number(prefix), isIPv6(network) ? 'ipv6' : 'ipv4')
    else if (isIPv4(first) && isIPv4(last)) list.addRange(first, last)
    else return undefined
  } catch {
    // A range of nothing (a prefix too long, an end before its start) holds for nothing.
    return new BlockList()
  }
  return list
}

/** As URLs write it, without the brackets and the dot at the end. */
export function plainHost(host: string): string {
  const bare = host.replace(/^\[|\]$/g, '')
  const hostname = URL.parse(`http://${isIPv6(bare) ? `[${bare}]` : bare}/`)?.hostname ?? bare.toLowerCase()
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

/**
 * The exceptions as Node's own agents understand them (`proxyEnv`). They know names and IPv4 only: a network of IPv6
 * addresses is none to them.
 */
export function exceptionsForNode({ exceptions }: ProxySettings): string {
  return [...always, ...exceptions].flatMap(forNode).join(',')
}

function forNode(entry: string): readonly string[] {
  const text = entry.toLowerCase()
  const [, network = '', prefix = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? []
  if (isIPv4(network) && Number(prefix) <= 32) return [rangeOf(network, Number(prefix))]
  if (isIPv6(text)) return [text, `[${text}]`]
  if (text === '*' || isIPv4(text) || /[:/]|^[\d.]+-[\d.]+$/.test(text)) return [text]
  return [`.${text.replace(/^\*?\./, '').replace(/\.$/, '')}`]
}

function rangeOf(network: string, prefix: number): string {
  const size = 2 ** (32 - prefix)
  const number = network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const first = Math.floor(number / size) * size
  const written = (value: number): string =>
    [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
  return `${written(first)}-${written(first + size - 1)}`
}
