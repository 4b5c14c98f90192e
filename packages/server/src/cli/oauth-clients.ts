import { readFileSync } from 'node:fs'
import { createRegistry } from '../backends/registry.ts'
import type { ServerClient, ServerClients } from '../oauth/server-clients.ts'
import { CommandError } from './command-error.ts'
import type { Take } from './given.ts'
import { oauthFlags } from './oauth-flags.ts'

/** `FILEGATE_OAUTH_DRIVE_SECRET` */
export const secretVariable = (provider: string): string =>
  `FILEGATE_OAUTH_${provider.replaceAll('-', '_').toUpperCase()}_SECRET`

/**
 * The clients that the operator registered with vendors. Their secrets never stand on the command line.
 * @throws CommandError
 */
export function oauthClients(take: Take, variables: NodeJS.ProcessEnv): ServerClients {
  const ids = take(oauthFlags['oauth-client']) ?? new Map<string, string>()
  const files = take(oauthFlags['oauth-secret-file']) ?? new Map<string, string>()
  const registry = createRegistry()
  for (const provider of [...ids.keys(), ...files.keys()]) {
    if (!registry.has(provider)) {
      throw new CommandError(
        2,
        `--oauth-client: there is no provider '${provider}'; the providers are: ${registry.slugs.join(', ')}`,
      )
    }
  }
  for (const provider of files.keys()) {
    if (!ids.has(provider)) {
      throw new CommandError(
        2,
        `--oauth-secret-file: ${provider} has no client; name it with --oauth-client ${provider}=ID`,
      )
    }
  }
  const clientOf = (provider: string, id: string): ServerClient => {
    const file = files.get(provider)
    if (file === undefined) return { id, secret: variables[secretVariable(provider)] ?? '' }
    return { id, secret: contentOf(file), file }
  }
  return Object.fromEntries([...ids].map(([provider, id]) => [provider, clientOf(provider, id)]))
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new CommandError(1, `--oauth-secret-file: ${path} cannot be read`, cause)
  }
}
