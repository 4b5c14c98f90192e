import type { Backends } from '../backends/backends.ts'
import { createBackends } from '../backends/backends.ts'
import { readConfigFile } from '../cli/config-file.ts'
import { defaultDataDirectory } from '../cli/data-directory.ts'
import { readEnvironment } from '../cli/environment.ts'
import { flags } from '../cli/flags.ts'
import { type Given, type Take, takeFrom } from '../cli/given.ts'
import { oauthClients } from '../cli/oauth-clients.ts'
import { readProxy } from '../outbound/proxy-settings.ts'
import type { Arguments, CommandFlag } from './arguments.ts'

/** The flags of the server that commands take too, and mean the same by. */
const shared = [
  'data-dir',
  'database-url',
  'credentials-dir',
  'oauth-client',
  'oauth-secret-file',
  'outbound-proxy',
  'config',
] as const

export const sharedFlags: readonly CommandFlag[] = [
  ...shared.map((name) => ({ name: name.replaceAll('-', '_'), isSwitch: false })),
  { name: 'help', isSwitch: true },
]

export const sharedHelp: readonly (readonly [flag: string, description: string])[] = [
  ...shared.map((name) => [`--${name} <${flags[name].argument}>`, flags[name].description] as const),
  ['--help', 'Print this help'],
]

/** What is said in the flags that commands share with the server, in the environment and in the file. */
export async function sharedSettings(given: Arguments): Promise<Take> {
  const folder = process.cwd()
  const typed = new Map(
    shared.flatMap((name) => {
      const all = given.values.get(name.replaceAll('-', '_'))
      const value = 'repeatable' in flags[name] ? all : all?.at(-1)
      const entry: Given = { value, name: `--${name}`, folder }
      return value === undefined ? [] : [[flags[name], entry] as const]
    }),
  )
  const environment = readEnvironment(process.env, folder)
  const config = takeFrom([typed, environment])(flags.config)
  const file = config === undefined ? new Map<never, never>() : await readConfigFile(config)
  return takeFrom([typed, environment, file])
}

/**
 * Runs `work` on the backends in the data folder: those of the servers that use it. A server that runs notices changes with
 * its next request. Whoever types commands may reach the private network.
 */
export async function withBackends<Result>(
  given: Arguments,
  work: (backends: Backends) => Promise<Result>,
): Promise<Result> {
  const take = await sharedSettings(given)
  const backends = createBackends({
    settings: {
      dataDirectory: take(flags['data-dir']) ?? defaultDataDirectory(process.env),
      databaseUrl: take(flags['database-url']),
      credentialsDirectory: take(flags['credentials-dir']),
      proxy: readProxy(take(flags['outbound-proxy']), process.env),
      oauthClients: oauthClients(take, process.env),
      listen: [],
      workers: 1,
      privateNetwork: true,
    },
    secretKeyText: process.env['FILEGATE_SECRET_KEY'],
    say: (message) => process.stderr.write(`filegate: ${message}\n`),
  })
  try {
    return await work(backends)
  } finally {
    await backends.close()
  }
}
