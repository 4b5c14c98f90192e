import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { authorizePage, exchangeCode, proofKey } from '@filegate/core/oauth'
import { createGrants } from './grants.ts'
import { patient } from '../patient.ts'

export interface OAuthVendor {
  readonly origin: string
  /** What arrived at `/token`, without the secrets of the tokens: `refresh_token`, ... */
  readonly requests: readonly TokenRequest[]
  /** How many refresh tokens were taken. */
  readonly renewals: () => number
  /** Seconds that access tokens last from now on. */
  lasts: number
  /** Whether users deny access. */
  deny: boolean
  /** Runs before a code is looked at. */
  beforeExchange: () => Promise<void>
  /** Runs before a refresh token is looked at. */
  beforeRenewal: () => Promise<void>
  /** Ends all that users allowed. */
  revoke(): void
  /** Ends the access tokens, not the grants. */
  expire(): void
  close(): Promise<void>
}

export interface TokenRequest {
  readonly grant: string
  readonly client: string
  readonly secret: string
  readonly outcome: string
}

export interface VendorClient {
  readonly id: string
  readonly secret: string
}

/** A vendor on loopback, with the clients that it knows. */
export async function startOAuthVendor(...clients: readonly VendorClient[]): Promise<OAuthVendor> {
  const requests: TokenRequest[] = []
  const grants = createGrants(() => vendor.lasts)
  const routes: Readonly<Record<string, (request: IncomingMessage, url: URL, response: ServerResponse) => unknown>> = {
    'GET /authorize': (_request, { searchParams: asked }, response) => {
      const [redirectUri = '', challenge = '', state = ''] = ['redirect_uri', 'code_challenge', 'state'].map(
        (name) => asked.get(name) ?? '',
      )
      const client = clients.find(({ id }) => id === asked.get('client_id'))
      const isGood = asked.get('response_type') === 'code' && asked.get('code_challenge_method') === 'S256'
      if (!client || !isGood || challenge.length !== 43 || !URL.canParse(redirectUri)) return end(response, 400, {})
      const back = new URL(redirectUri)
      back.searchParams.set('state', state)
      if (vendor.deny) back.searchParams.set('error', 'access_denied')
      else back.searchParams.set('code', grants.code({ client: client.id, redirectUri, challenge }))
      response.writeHead(302, { location: back.href }).end()
    },
    'POST /token': async (request, _url, response) => {
      const form = new URLSearchParams(await text(request))
      const member = (name: string): string => form.get(name) ?? ''
      const client = { id: member('client_id'), secret: member('client_secret') }
      const isKnown = clients.some(({ id, secret }) => id === client.id && secret === client.secret)
      const grant = member('grant_type')
      if (grant === 'refresh_token') await vendor.beforeRenewal()
      if (grant === 'authorization_code') await vendor.beforeExchange()
      const answer = !isKnown
        ? { error: 'invalid_client' }
        : grant === 'authorization_code'
          ? grants.exchange(member('code'), member('redirect_uri'), member('code_verifier'), client.id)
          : grant === 'refresh_token'
            ? grants.refresh(member('refresh_token'), client.id)
            : { error: 'unsupported_grant_type' }
      const outcome = 'error' in answer ? answer.error : 'granted'
      requests.push({ grant, client: client.id, secret: client.secret, outcome })
      end(response, 'error' in answer ? 400 : 200, answer)
    },
    'GET /me': (request, _url, response) => {
      const token = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
      if (grants.isGood(token)) end(response, 200, { user: 'ada' })
      else end(response, 401, { error: 'invalid_token' })
    },
  }
  const server = createServer(patient, (request, response) => {
    const url = new URL(request.url ?? '/', 'http://vendor')
    const route = routes[`${request.method} ${url.pathname}`]
    if (!route) return end(response, 404, {})
    void Promise.resolve(route(request, url, response)).catch((error: unknown) => end(response, 500, String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const vendor: OAuthVendor = {
    origin: `http://127.0.0.1:${port}`,
    requests,
    renewals: () => requests.filter(({ grant, outcome }) => grant === 'refresh_token' && outcome === 'granted').length,
    lasts: 3600,
    deny: false,
    beforeExchange: async () => {},
    beforeRenewal: async () => {},
    revoke: () => grants.grants.forEach((grant) => void (grant.revoked = true)),
    expire: () => grants.grants.forEach((grant) => grant.access.clear()),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return vendor
}

function end(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** A token blob, as a user gets it who allows access. */
export async function vendorToken({ origin }: Pick<OAuthVendor, 'origin'>, client: VendorClient): Promise<string> {
  const { verifier, challenge } = proofKey()
  const redirectUri = 'http://127.0.0.1:1/'
  const asked = { clientId: client.id, scopes: ['files'], redirectUri, state: 'x', challenge }
  const { headers } = await fetch(authorizePage({ url: `${origin}/authorize`, ...asked }), { redirect: 'manual' })
  const code = new URL(headers.get('location') ?? '').searchParams.get('code') ?? ''
  return exchangeCode({ client: { ...client, tokenUrl: `${origin}/token` }, code, redirectUri, verifier }, fetch)
}
