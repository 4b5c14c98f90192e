import { networkInterfaces } from 'node:os'
import { styleText } from 'node:util'
import { features, type Settings } from '../settings.ts'
import { isLocal } from './listen-addresses.ts'

type Interfaces = ReturnType<typeof networkInterfaces>

/** What is printed once the server listens. */
export function greeting(settings: Settings, addresses: readonly string[], colours: boolean): string {
  const shown = [...new Set(addresses.flatMap((address) => reachableAs(address, networkInterfaces())))]
  const paint = (address: string): string =>
    colours ? styleText(['bold', 'cyan'], address, { validateStream: false }) : address
  return [
    `Serving ${settings.servedPath}`,
    ...shown.map((address) => `  ${paint(address)}`),
    `Allowed: ${allowed(settings)}`,
    `Log-in: ${logIn(settings)}`,
    '',
  ].join('\n')
}

function allowed({ allow }: Settings): string {
  return ['read', ...features.filter((feature) => allow[feature])].join(', ')
}

function logIn({ accounts }: Settings): string {
  const names = accounts.flatMap(({ user }) => (user === undefined ? [] : [user]))
  const open = accounts.find(({ user }) => user === undefined)?.paths.map(({ path }) => `/${path}`)
  if (accounts.length === 0) return 'none, everybody is let in'
  return [...names, ...(open ? [`everybody for ${open.join(', ')}`] : [])].join(', ')
}

/** An address that means all interfaces is shown as the addresses of all interfaces. */
export function reachableAs(address: string, interfaces: Interfaces): string[] {
  const [, start, host, rest] = /^(https?:\/\/)(0\.0\.0\.0|\[::\])(:.*)$/.exec(address) ?? []
  if (host === undefined) return [address]
  const families = host === '0.0.0.0' ? ['IPv4'] : ['IPv4', 'IPv6']
  const found = Object.values(interfaces)
    .flatMap((entries) => entries ?? [])
    // Link-local addresses work only with the name of an interface, which browsers do not take.
    .filter((entry) => families.includes(entry.family) && !entry.address.startsWith('fe80:'))
    .map((entry) => (entry.family === 'IPv6' ? `[${entry.address}]` : entry.address))
  return found.map((one) => `${start}${one}${rest}`)
}

/** What to tell whoever opens a server to the network without a log-in; undefined when there is nothing to tell. */
export function openToAll({ listen, accounts, allow }: Settings): string | undefined {
  if (accounts.length > 0 || listen.every(isLocal)) return undefined
  const more = allow.symlink ? ', and what links in it lead to' : ''
  return `warning: everybody who reaches this machine can read the folder${more}; --auth asks for a log-in`
}
