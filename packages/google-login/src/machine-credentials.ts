import { StorageError } from '@filegate/core'
import { readFile } from 'node:fs/promises'
import { homedir, platform } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import {
  renewedToken,
  serviceAccountKey,
  type ServiceAccountKey,
  serviceAccountToken,
  type TokenSource,
  userToken,
} from '@filegate/core/oauth'

/** The most that a file with a key may hold. */
const longest = 262_144

/** @throws StorageError `InvalidArgument`, without the path: callers need not know where it led */
export async function keyInFile(path: string): Promise<ServiceAccountKey> {
  const unreadable = 'service_account_file: the key of the service account could not be loaded'
  const known = await contentOf(path).catch((cause: unknown) => {
    throw new StorageError('InvalidArgument', `${unreadable}: the file cannot be read.`, { cause })
  })
  const key = serviceAccountKey.safeParse(known)
  if (key.success) return key.data
  throw new StorageError('InvalidArgument', `${unreadable}: it is not the key of a service account, in JSON.`)
}

/** JSON of a file; `undefined` for anything else. */
async function contentOf(path: string): Promise<unknown> {
  const text = await readFile(expandedPath(path), 'utf8')
  if (text.length > longest) return undefined
  try {
    return JSON.parse(text)
  } catch {
    // The error of the parser quotes the file, which may be any.
    return undefined
  }
}

/** `~` and `$NAME` in the path of a file, as shells have them. */
function expandedPath(path: string): string {
  const home = path.replace(/^~(?=\/|$)/, homedir())
  return home.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_whole, braced?: string, bare?: string) => {
    return process.env[braced ?? bare ?? ''] ?? ''
  })
}

const savedLogin = z.object({
  type: z.literal('authorized_user'),
  client_id: z.string(),
  client_secret: z.string(),
  refresh_token: z.string(),
  quota_project_id: z.string().optional(),
  token_uri: z.url().default('https://oauth2.googleapis.com/token'),
})

/**
 * Application default credentials: the file that `GOOGLE_APPLICATION_CREDENTIALS` names, the one that `gcloud` leaves in
 * the home folder, or the service account of the machine in Google's cloud. No program is ever run for them.
 * @param scope scopes, with spaces between them
 */
export async function machineToken(scope: string, fetch: typeof globalThis.fetch): Promise<TokenSource> {
  const { GOOGLE_CLOUD_PROJECT: named, GOOGLE_APPLICATION_CREDENTIALS: path } = process.env
  const known = await (path ? contentOf(path).catch(unreadable) : contentOf(gcloudFile()).catch(() => undefined))
  const key = serviceAccountKey.safeParse(known)
  if (key.success)
    return { ...serviceAccountToken({ key: key.data, scope }, fetch), project: named ?? key.data.project_id }
  const login = savedLogin.safeParse(known)
  if (login.success) {
    const { client_id: id, client_secret: secret, refresh_token: refresh, token_uri: tokenUrl } = login.data
    const blob = { access: '', refresh, expires: 0 }
    const source = userToken(blob, { id, secret, tokenUrl }, { fetch, renewToken: (renew) => renew(undefined) })
    return { ...source, project: named ?? login.data.quota_project_id }
  }
  if (path && known === undefined) unreadable()
  refusePrograms(known)
  return { ...(await libraryToken(scope)), project: named }
}

const unreadable = (cause?: unknown): never => {
  const message = 'env_auth: the file that GOOGLE_APPLICATION_CREDENTIALS names holds no credentials that can be read.'
  throw new StorageError('InvalidArgument', message, { cause })
}

function gcloudFile(): string {
  const { CLOUDSDK_CONFIG: own, APPDATA: data = '' } = process.env
  const folder = own || (platform() === 'win32' ? join(data, 'gcloud') : join(homedir(), '.config', 'gcloud'))
  return join(folder, 'application_default_credentials.json')
}

/** Such files can name a program that gives out tokens, at any depth. */
function refusePrograms(known: unknown): void {
  if (!/"executable"\s*:/.test(JSON.stringify(known) ?? '')) return
  const message = 'env_auth: the credentials of the machine come from a program, and none is run here.'
  throw new StorageError('InvalidArgument', message)
}

/** What the vendor's library has beyond that: identities of other clouds, borrowed ones, and that of the machine itself. */
async function libraryToken(scope: string): Promise<TokenSource> {
  const { GoogleAuth } = await import('google-auth-library')
  // Without a project the library would run gcloud to learn of one.
  const auth = new GoogleAuth({ scopes: scope.split(' '), projectId: 'unused' })
  return renewedToken(async () => {
    const client = await auth.getClient()
    const { token } = await client.getAccessToken()
    if (!token) throw new StorageError('Unauthenticated', 'env_auth: the machine has no credentials for Google.')
    return { value: token, expires: client.credentials.expiry_date ?? Date.now() + 300_000 }
  })
}
