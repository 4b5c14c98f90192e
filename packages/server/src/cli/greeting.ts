import { networkInterfaces } from 'node:os'
import { styleText } from 'node:util'
import { spelled } from '../access/rules.ts'
import { features, type Settings } from '../settings.ts'
import { liesIn } from './data-directory.ts'
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
  const open = accounts.find(({ user }) => user === undefined)?.paths.map(spelled)
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

/** What whoever starts the server should know before somebody else finds out. */
export function warnings(settings: Settings, configFile: string | undefined): string[] {
  const { listen, accounts, allow, servedPath, tls, logFile, credentialsDirectory, oauthClients = {} } = settings
  const found: string[] = []
  if (accounts.length === 0 && !listen.every(isLocal)) {
    const links = allow.symlink ? ', and what links in it lead to' : ''
    const backends = allow.remote ? ', and use and connect backends' : ''
    found.push(`everybody who reaches this machine can read the folder${links}${backends}; --auth asks for a log-in`)
  }
  const ours = {
    'TLS key': tls?.key,
    'config file': configFile,
    'log file': logFile,
    'credentials folder': credentialsDirectory,
    ...Object.fromEntries(
      Object.entries(oauthClients).map(([provider, { file }]) => [`secret of the OAuth client for ${provider}`, file]),
    ),
  }
  for (const [what, path] of Object.entries(ours)) {
    if (path !== undefined && liesIn(path, servedPath)) {
      found.push(`the ${what} ${path} lies in the served folder and can be read with it`)
    }
  }
  return found
}
