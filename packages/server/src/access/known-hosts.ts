import { isIP } from 'node:net'
import { StorageError } from '@filegate/core'
import type { ListenAddress, Settings } from '../settings.ts'
import type { Identify } from './identify.ts'

const isLoopback = (address: ListenAddress): boolean =>
  'socket' in address || /^(?:127\.|::1$|localhost$)/i.test(address.host)

/** The name of a `Host` header without its port, in lower case and without a dot at its end. */
function nameOf(host: string): string {
  const bare = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d*$/, '')
  return bare.toLowerCase().replace(/\.$/, '')
}

/**
 * Guards a server that lets everybody in because only this machine can reach it. The browser on this machine can too, and it
 * runs pages of strangers: one whose name was made to lead to 127.0.0.1 after it was loaded (DNS rebinding) would be of the same
 * origin as we are. Its requests still carry that name, so only names that nobody else can own are answered. Where accounts
 * exist the browser sends such a page no credentials of ours, and nothing is checked.
 */
export function forKnownHosts(
  identify: Identify,
  { listen, accounts, hostNames }: Pick<Settings, 'listen' | 'accounts' | 'hostNames'>,
): Identify {
  if (accounts.length > 0 || !listen.every(isLoopback)) return identify
  const known = new Set(['localhost', ...hostNames.map((name) => name.toLowerCase())])
  const isKnown = (name: string): boolean => isIP(name) !== 0 || known.has(name) || name.endsWith('.localhost')
  let lastKnown: string | undefined
  return (header, remoteAddress) => {
    const host = header('host')
    // No page reaches a unix socket, and only those have no remote address.
    if (host !== undefined && host !== lastKnown && remoteAddress !== undefined) {
      const name = nameOf(host)
      if (!isKnown(name)) {
        const message = `Requests for the name ${JSON.stringify(name)} are refused, as a stranger may own it; allow it with --allow-host, or ask for a log-in with --auth.`
        throw new StorageError('AccessDenied', message)
      }
      lastKnown = host
    }
    return identify(header, remoteAddress)
  }
}
