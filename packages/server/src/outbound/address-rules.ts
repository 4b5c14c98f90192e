import { BlockList, isIP, isIPv6 } from 'node:net'
import { StorageError } from '@filegate/core'

type Range = readonly [address: string, prefix: number]

function listOf(ranges: readonly Range[]): BlockList {
  const list = new BlockList()
  for (const [address, prefix] of ranges) list.addSubnet(address, prefix, isIPv6(address) ? 'ipv6' : 'ipv4')
  return list
}

/**
 * Where the credentials of the machine are handed out, and the neighbourhood that no stored backend has a reason to be in.
 * Several clouds answer for their instances outside the link-local range too.
 */
const never = listOf([
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ['fd00:ec2::', 32],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['168.63.129.16', 32],
  ['fd20:ce::', 32],
  ['0.0.0.0', 8],
  ['::', 128],
  // Teredo, which hides an IPv4 address in itself.
  ['2001::', 32],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['ff00::', 8],
])

/** Reachable from this machine and not from the internet. */
const inside = listOf([
  ['127.0.0.0', 8],
  ['::1', 128],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['198.18.0.0', 15],
  ['fc00::', 7],
  ['fec0::', 10],
  // Networks that translate for themselves (RFC 8215) say nowhere at which bits the IPv4 address begins.
  ['64:ff9b:1::', 48],
])

/** IPv6 forms that lead to an IPv4 address: mapped, compatible, translated (RFC 6052, RFC 8215) and 6to4. */
const embedded: readonly RegExp[] = [
  /^::ffff:(?:0:)?([0-9a-f]{1,4}):([0-9a-f]{1,4})$/,
  /^::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/,
  /^64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/,
  /^64:ff9b:1::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/,
  /^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):/,
]

/** The IPv4 address that an address really leads to, or the address itself in its shortest form. */
export function plainAddress(address: string): string {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  if (!isIPv6(bare)) return bare
  const canonical = new URL(`http://[${bare}]/`).hostname.slice(1, -1)
  for (const form of embedded) {
    const [, high, low] = form.exec(canonical) ?? []
    if (high !== undefined && low !== undefined) {
      const number = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16)
      return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
    }
  }
  return canonical
}

export interface AddressRules {
  /** Whether addresses of this machine and of private networks may be reached. */
  readonly privateNetwork: boolean
}

/**
 * Refuses an address that requests made for a caller must not reach. It is given addresses, not names: what a name leads to is
 * known only when it is resolved, and each time anew.
 * @throws StorageError `AccessDenied`
 */
export function checkAddress(address: string, { privateNetwork }: AddressRules): void {
  const plain = plainAddress(address)
  const family = isIP(plain)
  if (family === 0) throw new StorageError('AccessDenied', `${JSON.stringify(address)} is not an address.`)
  const type = family === 6 ? 'ipv6' : 'ipv4'
  if (never.check(plain, type)) {
    throw new StorageError('AccessDenied', `The address ${plain} is never contacted: it belongs to the machine itself.`)
  }
  if (!privateNetwork && inside.check(plain, type)) {
    const message = `The address ${plain} is private; the server must be started with --allow-private-network to reach it.`
    throw new StorageError('AccessDenied', message)
  }
}
