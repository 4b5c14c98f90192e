import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { selfSigned } from '../../e2e/self-signed.ts'
import { addressOf } from '../fault-proxy.ts'
import type { Application, Directory, ManagedIdentity, User } from './directory.ts'
import type { Answer } from './entra-error.ts'
import { giveRefresh, noGrants } from './grants.ts'
import { createSigningKey, type SigningKey } from './json-web-token.ts'
import { answerMachine, answerSignIn, type Ask, handle, reasonAgainst, type SignIn } from './serve.ts'
import { userToken } from './token-endpoint.ts'
import { patient } from '../patient.ts'

export interface EntraOptions {
  readonly applications?: readonly Application[]
  readonly users?: readonly User[]
  /** Of the machine, for the metadata service and App Service. */
  readonly identities?: readonly ManagedIdentity[]
  /** Other names of the tenant, such as contoso.onmicrosoft.com. */
  readonly domains?: readonly string[]
  /** What tokens are given out for. Default: `https://storage.azure.com`. */
  readonly resources?: readonly string[]
  /** Seconds that a token is good for. Default: an hour. */
  readonly lifetime?: number
  /** Signs its tokens. Default: a new one, which takes a while to make. */
  readonly key?: SigningKey
  /** Seconds that a refresh token is still taken after another one was given out in its place. Default: 10. */
  readonly reuse?: number
}

export interface Entra {
  /** `https://127.0.0.1:PORT`, for AZURE_AUTHORITY_HOST and its like. */
  readonly authority: string
  /** `http://127.0.0.1:PORT`: the same, for who has HTTPS elsewhere and names the host in the header x-forwarded-host. */
  readonly plain: string
  /** What to trust for it, in PEM. */
  readonly certificate: string
  /** The GUID of the only tenant. */
  readonly tenant: string
  /** `http://127.0.0.1:PORT` in the place of http://169.254.169.254, for AZURE_POD_IDENTITY_AUTHORITY_HOST. */
  readonly metadata: string
  /** For IDENTITY_ENDPOINT. */
  readonly identityEndpoint: string
  /** For IDENTITY_HEADER. */
  readonly identityHeader: string
  /** What was asked for, in order: method and path, for tokens with the grant and the status: `POST /TENANT/oauth2/v2.0/token password 200`. */
  readonly requests: readonly string[]
  /** Says why a token is refused, `undefined` when it is good: one of ours, current, not revoked, for a resource we know. */
  readonly checkToken: (token: string) => string | undefined
  /** Tokens given out so far are refused from now on. */
  revokeTokens(): void
  /** A token for an application that acts for a user, as if both had signed in. */
  issueToken(token: IssuedToken): string
  /** A refresh token, as if a user had signed in. */
  issueRefreshToken(token: IssuedToken): string
  /** What users allowed before is void, as after a change of their password: AADSTS50173. */
  revokeGrants(user: string): void
  /** Refresh tokens and codes given out so far are too old: AADSTS70008. */
  expireGrants(): void
  /** The user takes back what was allowed to an application: AADSTS65001. */
  withdrawConsent(clientId: string): void
  /** What users answer when they are asked from now on. */
  answerConsent(consents: boolean): void
  /** Answers so many of the next requests for tokens with 429. */
  throttle(times: number, retryAfter?: number): void
  close(): Promise<void>
}

export interface IssuedToken {
  readonly user: string
  readonly clientId: string
  /** Default: `https://graph.microsoft.com`. */
  readonly resource?: string
  /** Without the resource before them. */
  readonly scopes: readonly string[]
  /** Seconds that it is good for; below zero it has run out. */
  readonly lifetime?: number
}

/** A simulator of Microsoft Entra ID's token endpoints and of those of managed identities, on free ports of loopback. */
export async function startEntra(options: EntraOptions = {}): Promise<Entra> {
  const directory = directoryOf(options)
  const identityHeader = randomUUID()
  const requests: string[] = []
  const revoked = new Set<string>()
  const issued = new Set<string>()
  const busy = { times: 0, retryAfter: 1 }

  const listener =
    (scheme: 'http' | 'https', respond: (ask: Ask) => Answer): RequestListener =>
    (incoming, outgoing) => {
      const answered = (ask: Ask): Answer => {
        const answer = throttled(busy, ask) ?? respond(ask)
        if (typeof answer.body.access_token === 'string') issued.add(answer.body.access_token)
        requests.push(
          [ask.method, ask.url.pathname, ask.form.get('grant_type'), answer.status].filter(Boolean).join(' '),
        )
        return answer
      }
      handle(incoming, outgoing, scheme, answered).catch(() => outgoing.destroy())
    }

  const identity = selfSigned()
  const state: SignIn = { directory, grants: noGrants((options.reuse ?? 10) * 1000), consents: true }
  const signIn = createSecureServer(
    { key: identity.key, cert: identity.certificate, ...patient },
    listener('https', (ask) => answerSignIn(ask, state)),
  )
  const plainSignIn = createServer(
    patient,
    listener('http', (ask) => answerSignIn(ask, state)),
  )
  const machine = createServer(
    patient,
    listener('http', (ask) => answerMachine(ask, directory, identityHeader)),
  )
  const authority = await originOf(signIn, 'https')
  const plain = await originOf(plainSignIn, 'http')
  const metadata = await originOf(machine, 'http')
  return {
    authority,
    plain,
    certificate: identity.certificate,
    tenant: directory.tenant,
    metadata,
    identityEndpoint: `${metadata}/msi/token`,
    identityHeader,
    requests,
    checkToken: (token) => (revoked.has(token) ? 'The token has been revoked.' : reasonAgainst(token, directory)),
    revokeTokens() {
      for (const token of issued) revoked.add(token)
    },
    ...grantsOf(state),
    throttle: (times, retryAfter = 1) => void Object.assign(busy, { times, retryAfter }),
    async close() {
      await Promise.all([closed(signIn), closed(plainSignIn), closed(machine)])
    },
  }
}

function grantsOf(
  state: SignIn,
): Pick<
  Entra,
  'issueToken' | 'issueRefreshToken' | 'revokeGrants' | 'expireGrants' | 'withdrawConsent' | 'answerConsent'
> {
  const { directory, grants } = state
  const graph = 'https://graph.microsoft.com'
  return {
    issueToken: ({ resource = graph, lifetime, ...token }) =>
      userToken(directory, { resource, ...token }, '0', lifetime),
    issueRefreshToken: ({ resource = graph, user, clientId, scopes }) =>
      giveRefresh(grants, { resource, user, clientId, scopes, offline: true }),
    revokeGrants: (user) => void grants.revoked.set(user, Date.now()),
    expireGrants() {
      for (const refresh of grants.refreshes.values()) refresh.expired = true
      for (const [text, code] of grants.codes) grants.codes.set(text, { ...code, issued: 0 })
    },
    withdrawConsent: (clientId) => void grants.withdrawn.add(clientId),
    answerConsent: (consents) => void Object.assign(state, { consents }),
  }
}

function directoryOf(options: EntraOptions): Directory {
  const { applications = [], users = [], identities = [], domains = [], lifetime = 3600 } = options
  const { resources = ['https://storage.azure.com'] } = options
  const tenant = randomUUID()
  return {
    tenant,
    domains,
    applications,
    users,
    identities,
    resources,
    lifetime,
    key: options.key ?? createSigningKey(),
  }
}

async function originOf(server: Server, scheme: string): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `${scheme}://127.0.0.1:${addressOf(server).port}`
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

function throttled(busy: { times: number; readonly retryAfter: number }, { url }: Ask): Answer | undefined {
  if (busy.times === 0 || !url.pathname.endsWith('/token')) return undefined
  busy.times -= 1
  return {
    status: 429,
    headers: { 'Retry-After': String(busy.retryAfter) },
    body: { error: 'temporarily_unavailable' },
  }
}
