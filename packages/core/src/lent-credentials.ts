import { isIPv4 } from 'node:net'
import { StorageError } from './error.ts'

/** Hosts that the operator allows besides, with commas. */
const variable = 'FILEGATE_CREDENTIALS_HOSTS'

interface Vendor {
  readonly name: string
  /** Names of hosts; what lies below them belongs to the vendor too. */
  readonly hosts: readonly string[]
}

/**
 * For logins with what the machine has, or with files that its operator lends: a token of these goes to hosts of the vendor, to
 * this machine, and to where the operator says. Whoever connects may name any `endpoint`, and would be given the token there.
 * @throws StorageError `InvalidArgument`
 */
export function expectLendable(url: string, { name, hosts }: Vendor): void {
  const { hostname } = new URL(url)
  const allowed = (process.env[variable] ?? '').split(',').map((host) => host.trim().toLowerCase())
  const isBelow = (host: string): boolean => host !== '' && (hostname === host || hostname.endsWith(`.${host}`))
  if (isLoopback(hostname) || [...hosts, ...allowed].some(isBelow)) return
  const message =
    `endpoint: what this machine logs in with is sent to hosts of ${name} only, and ${hostname} is none. ` +
    `Its operator can allow it in the variable ${variable}.`
  throw new StorageError('InvalidArgument', message)
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
