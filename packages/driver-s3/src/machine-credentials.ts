import { StorageError } from '@filegate/core'
import type { NodeHttpHandler } from '@smithy/node-http-handler'
import type { AwsCredentialIdentity } from '@smithy/types'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { programProfile } from './program-profile.ts'
import type { Settings } from './settings.ts'

type Wanted = Pick<Settings, 'profile' | 'shared_credentials_file'>

/**
 * A key from the environment, the shared files or the machine this runs on. Programs that profiles name are never run:
 * which profile it is, a caller decides.
 * @param requestHandler for the services that exchange one key for another
 */
export async function machineCredentials(
  { profile, shared_credentials_file: file }: Wanted,
  requestHandler: NodeHttpHandler,
): Promise<() => Promise<AwsCredentialIdentity>> {
  const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers')
  const filepath = file === '' ? undefined : expandedPath(file)
  const found = fromNodeProviderChain({
    ...(profile !== '' && { profile }),
    ...(filepath !== undefined && { filepath }),
    clientConfig: { requestHandler },
    ignoreCache: true,
  })
  return async () => {
    if (!isInVariables(profile)) await refusePrograms(profile, filepath)
    return found()
  }
}

function isInVariables(profile: string): boolean {
  const { AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env
  return profile === '' && !AWS_PROFILE && Boolean(AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY)
}

async function refusePrograms(profile: string, filepath: string | undefined): Promise<void> {
  const { AWS_PROFILE, AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE } = process.env
  const paths = [
    filepath ?? (AWS_SHARED_CREDENTIALS_FILE || join(homedir(), '.aws', 'credentials')),
    AWS_CONFIG_FILE || join(homedir(), '.aws', 'config'),
  ]
  // What cannot be read here, the library cannot read either.
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(() => '')))
  const running = programProfile(texts.join('\n'), profile || AWS_PROFILE || 'default')
  if (running === undefined) return
  const message = `profile: ${JSON.stringify(running)} gets its key from a program (credential_process), and none is run here.`
  throw new StorageError('InvalidArgument', message)
}

/** `~` and `$NAME` in the path of a file, as shells have them. */
function expandedPath(path: string): string {
  const home = path.replace(/^~(?=\/|$)/, homedir())
  return home.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_whole, braced?: string, bare?: string) => {
    return process.env[braced ?? bare ?? ''] ?? ''
  })
}
