import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { addressOf } from '../fault-proxy.ts'
import { addRefreshToken, authorizePage, type Consent } from './authorize-page.ts'
import { answerGrant } from './grants.ts'
import { type AttachedAccount, metadataServer } from './metadata-server.ts'
import { makeServiceAccountKey, type ServiceAccountKey } from './service-account.ts'
import { findToken, issueToken, type TokenAccount, type TokenDirectory } from './token-directory.ts'
import { TokenError } from './token-error.ts'
import { patient } from '../patient.ts'

export type { Consent, ServiceAccountKey, TokenAccount }

export interface GoogleTokensOptions {
  /** Seconds that an access token is good for. Default 3600. */
  readonly lifetime?: number | undefined
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined
  /** Default: `filegate-test`, number 123456789012. */
  readonly project?: { readonly id: string; readonly number: string } | undefined
}

export interface TokenRequestRecord {
  readonly method: string
  readonly path: string
  /** The grant that was asked for; `undefined` for everything but the token endpoint. */
  readonly grant: string | undefined
  readonly form: URLSearchParams
  readonly status: number
}

/** A login by consent, as a client keeps it. */
export interface UserLogin {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
}

export interface GoogleTokens {
  /** `http://127.0.0.1:port`; with its host in `GCE_METADATA_HOST` clients find the metadata server. */
  readonly endpoint: string
  readonly tokenUri: string
  /** Everything that came since `forget`. */
  readonly requests: readonly TokenRequestRecord[]
  forget(): void
  /** A service account with one key, whose file points here. A stranger is one of another project. */
  addServiceAccount(name: string, setting?: { readonly stranger?: boolean }): Promise<ServiceAccountKey>
  /** Takes all keys of the account away, as after they were deleted. */
  removeKeys(email: string): void
  /** Somebody who consented that a client acts for them. */
  addUser(email: string, scopes: readonly string[], setting?: { readonly stranger?: boolean }): UserLogin
  /** An application whose users log in on Google's page; an `installed` one is sent back to any port of loopback. */
  addApplication(setting?: {
    readonly redirectUris?: readonly string[]
    readonly installed?: boolean
  }): Omit<UserLogin, 'refreshToken'>
  /** What the user on Google's page says from now on. Default: `me@example.com` allows all that is asked for. */
  consentAs(consent: Consent): void
  /** Lets a service account act in the name of a user (domain-wide delegation); without scopes for everything. */
  delegate(serviceAccount: string, user: string, scopes?: readonly string[]): void
  /** A client that may ask for itself (`client_credentials`). */
  addClient(email: string): { readonly clientId: string; readonly clientSecret: string }
  revoke(refreshToken: string): void
  /** An access token as it is, with nobody asking for it. */
  issue(email: string, scopes: readonly string[]): string
  /** Ends every access token that is out. */
  endTokens(): void
  /** How long tokens that are given out from now on are good for, in seconds. */
  setLifetime(seconds: number): void
  /** Whom the metadata server knows; `undefined`: nobody, as on a machine without an account. */
  attach(email: string | undefined, scopes?: readonly string[]): void
  /** Answers the next requests for a token so. */
  fail(...statuses: readonly number[]): void
  /** Whose token this is and what it is good for; what services of Google ask. */
  readonly findAccount: (token: string) => TokenAccount | undefined
  close(): Promise<void>
}

export const cloudPlatform = 'https://www.googleapis.com/auth/cloud-platform'

const tokenPaths = ['/token', '/oauth2/v4/token', '/o/oauth2/token']
const authorizePaths = ['/o/oauth2/auth', '/o/oauth2/v2/auth']
const revokePaths = ['/revoke', '/o/oauth2/revoke']
const metadataPath = '/computeMetadata/v1/'

/** A simulator of Google's token endpoint and metadata server on a port of loopback. */
export async function startGoogleTokens(options: GoogleTokensOptions = {}): Promise<GoogleTokens> {
  const project = options.project ?? { id: 'filegate-test', number: '123456789012' }
  const directory: TokenDirectory = {
    accounts: new Map(),
    clients: new Map(),
    refreshGrants: new Map(),
    issued: new Map(),
    codes: new Map(),
    lifetime: options.lifetime ?? 3600,
    now: options.now ?? Date.now,
  }
  const requests: TokenRequestRecord[] = []
  const failures: number[] = []
  let attached: AttachedAccount | undefined
  let consent: Consent = { email: 'me@example.com' }
  const metadata = metadataServer(directory, () => attached)

  const server = createServer(patient, (incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy())
  })

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = incoming
    const [path = '', search] = url.split('?')
    const form = new URLSearchParams(await readText(incoming))
    const record = (status: number): void => {
      const grant = tokenPaths.includes(path) ? (form.get('grant_type') ?? undefined) : undefined
      requests.push({ method, path, grant, form, status })
    }
    if (path === '/' || `${path}/`.startsWith(metadataPath)) {
      const answer = metadata(path.slice(metadataPath.length), new URLSearchParams(search), headers)
      record(answer.status)
      outgoing.writeHead(answer.status, {
        'content-type': answer.contentType,
        'metadata-flavor': 'Google',
        server: 'Metadata Server for VM',
      })
      outgoing.end(answer.text)
      return
    }
    if (authorizePaths.includes(path)) {
      const answer = authorizePage(directory, new URLSearchParams(search), consent)
      if ('redirect' in answer) {
        record(302)
        outgoing.writeHead(302, { location: answer.redirect, 'cache-control': 'no-store' }).end()
        return
      }
      record(answer.status)
      outgoing.writeHead(answer.status, { 'content-type': 'text/html; charset=utf-8' })
      outgoing.end(`<!doctype html><title>Error ${answer.status}</title><p>Error ${answer.status}: ${answer.error}`)
      return
    }
    if (method === 'POST' && revokePaths.includes(path)) {
      const answer = revokeToken(directory, form.get('token') ?? new URLSearchParams(search).get('token') ?? '')
      record(answer.status)
      outgoing.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8' })
      outgoing.end(JSON.stringify(answer.body))
      return
    }
    const { status, body } = answerToken(method, path, headers, form)
    record(status)
    outgoing.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    outgoing.end(JSON.stringify(body))
  }

  function answerToken(
    method: string,
    path: string,
    headers: IncomingMessage['headers'],
    form: URLSearchParams,
  ): { readonly status: number; readonly body: object } {
    const failure = failures.shift()
    if (failure !== undefined)
      return { status: failure, body: { error: 'internal_failure', error_description: 'Backend Error' } }
    try {
      if (!tokenPaths.includes(path)) throw new TokenError(404, 'not_found', 'Not Found')
      if (method !== 'POST') throw new TokenError(405, 'invalid_request', 'Only POST is supported.')
      if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
        throw new TokenError(400, 'invalid_request', 'The request has to be a form.')
      }
      const request = { form, authorization: headers.authorization, tokenUri: `http://${headers.host}${path}` }
      return { status: 200, body: answerGrant(directory, request) }
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      return { status: error.status, body: { error: error.reason, error_description: error.message } }
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${addressOf(server).port}`
  const newClient = (): { clientId: string; clientSecret: string } => ({
    clientId: `${randomBytes(8).toString('hex')}.apps.googleusercontent.com`,
    clientSecret: `GOCSPX-${randomBytes(15).toString('base64url')}`,
  })

  return {
    endpoint,
    tokenUri: `${endpoint}/token`,
    requests,
    forget: () => void requests.splice(0),
    async addServiceAccount(name, { stranger = false } = {}) {
      const email = `${name}@${stranger ? 'somewhere-else' : project.id}.iam.gserviceaccount.com`
      const { key, publicKey } = await makeServiceAccountKey(endpoint, email, stranger ? 'somewhere-else' : project.id)
      directory.accounts.set(email, {
        email,
        member: !stranger,
        keys: new Map([[key.private_key_id, publicKey]]),
        delegations: new Map(),
      })
      return key
    },
    removeKeys: (email) => directory.accounts.get(email)?.keys.clear(),
    addUser(email, scopes, { stranger = false } = {}) {
      const client = newClient()
      directory.clients.set(client.clientId, { secret: client.clientSecret, itself: undefined })
      const grant = { email, scopes, member: !stranger, clientId: client.clientId }
      const refreshToken = addRefreshToken(directory, grant)
      return { ...client, refreshToken }
    },
    addApplication({ redirectUris = [], installed = false } = {}) {
      const client = newClient()
      const kept = { secret: client.clientSecret, itself: undefined, redirectUris, installed }
      directory.clients.set(client.clientId, kept)
      return client
    },
    consentAs(said) {
      consent = said
    },
    delegate(serviceAccount, user, scopes) {
      directory.accounts.get(serviceAccount)?.delegations.set(user, scopes)
    },
    addClient(email) {
      const client = newClient()
      directory.clients.set(client.clientId, { secret: client.clientSecret, itself: { email, member: true } })
      return client
    },
    revoke(refreshToken) {
      const grant = directory.refreshGrants.get(refreshToken)
      if (grant) grant.revoked = true
    },
    issue: (email, scopes) => issueToken(directory, { email, member: true }, scopes).token,
    endTokens: () => directory.issued.clear(),
    setLifetime(seconds) {
      directory.lifetime = seconds
    },
    attach(email, scopes = [cloudPlatform]) {
      attached = email === undefined ? undefined : { holder: { email, member: true }, scopes, project }
    },
    fail: (...statuses) => void failures.push(...statuses),
    findAccount: (token) => findToken(directory, token),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke: an access token ends its login, too. */
function revokeToken(directory: TokenDirectory, token: string): { readonly status: number; readonly body: object } {
  const issued = directory.issued.get(token)
  const grants = [...directory.refreshGrants].filter(
    ([refreshToken, { email }]) => refreshToken === token || (issued !== undefined && email === issued.email),
  )
  if (!issued && grants.length === 0)
    return { status: 400, body: { error: 'invalid_token', error_description: 'Token expired or revoked' } }
  const emails = new Set([...grants.map(([, grant]) => grant.email), ...(issued ? [issued.email] : [])])
  for (const [, grant] of grants) grant.revoked = true
  for (const [other, { email }] of directory.issued) if (emails.has(email)) directory.issued.delete(other)
  return { status: 200, body: {} }
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of incoming) if (Buffer.isBuffer(piece)) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}
