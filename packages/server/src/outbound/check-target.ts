import { StorageError } from '@filegate/core'
import { isIP } from 'node:net'
import { type AddressRules, checkAddress } from './address-rules.ts'
import { plainHost, type Target } from './proxy-route.ts'
import type { ProxySettings } from './proxy-settings.ts'

export interface OutboundRules extends AddressRules {
  /** Absent: everything is connected to directly. */
  readonly proxy?: ProxySettings | undefined
}

/** Names of what hands out the credentials of machines in clouds. */
const neverNamed = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
])

/**
 * Ends of names that only private networks know: RFC 6761, RFC 6762, RFC 8375, `internal` by resolution of ICANN, and what the
 * discovery of services in clusters is called.
 */
const insideEnds = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'home.arpa',
  'intranet',
  'lan',
  'corp',
  'home',
  'private',
  'svc',
  'consul',
]

/**
 * Refuses what must not be reached, as far as the target says so itself. A name that is connected to directly is checked once
 * more where it is resolved; one that a proxy resolves has to be judged by itself: those of private networks count as private.
 * @throws StorageError `AccessDenied`
 */
export function checkTarget({ host }: Pick<Target, 'host'>, isProxied: boolean, rules: AddressRules): void {
  // Names that are numbers, `2130706433` say, are addresses to many who resolve them.
  const name = isProxied ? plainHost(host) : host.replace(/^\[|\]$/g, '')
  if (isIP(name) !== 0) return checkAddress(name, rules)
  if (!isProxied) return
  if (!/^[\w.-]+$/.test(name)) {
    throw new StorageError(
      'AccessDenied',
      `${JSON.stringify(host)} is no name of a host that a proxy could be asked for.`,
    )
  }
  if (neverNamed.has(name)) {
    throw new StorageError('AccessDenied', `The host ${name} is never contacted: it belongs to the machine itself.`)
  }
  const isInside = !name.includes('.') || insideEnds.some((end) => name.endsWith(`.${end}`))
  if (!isInside || rules.privateNetwork) return
  const message = `The host ${name} is private; the server must be started with --allow-private-network to reach it.`
  throw new StorageError('AccessDenied', message)
}
