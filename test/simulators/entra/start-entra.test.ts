import { createPrivateKey, X509Certificate } from 'node:crypto'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  UsernamePasswordCredential,
} from '../../../packages/driver-azure/src/testing/vendor-clients.ts'
import { selfSigned } from '../../e2e/self-signed.ts'
import { type Claims, readToken, signToken } from './json-web-token.ts'
import { type Entra, startEntra } from './start-entra.ts'

const scope = 'https://storage.azure.com/.default'
const registered = selfSigned('rsa')
const other = selfSigned('rsa')
const workload = selfSigned('rsa')
const withSecret = { clientId: 'app-with-secret', secret: 'a secret' }
const withCertificate = { clientId: 'app-with-certificate', certificates: [registered.certificate] }
const withChain = { clientId: 'app-with-chain', certificates: [registered.certificate], needsChain: true }
const ofWorkload = {
  clientId: 'app-of-workload',
  federated: { issuer: 'https://cluster', subject: 'system:serviceaccount:a:b', publicKey: workload.certificate },
}
const system = { clientId: 'client-1', objectId: 'object-1', resourceId: '/resource/1', ofSystem: true }
const assigned = { clientId: 'client-2', objectId: 'object-2', resourceId: '/resource/2' }

const usual = getCACertificates('default')
let entra: Entra
/** Its tokens run out at once. */
let brief: Entra

beforeAll(async () => {
  entra = await startEntra({
    applications: [withSecret, withCertificate, withChain, ofWorkload],
    users: [
      { name: 'ann@contoso.com', password: 'right' },
      { name: 'bob@contoso.com', password: 'right', needsSecondFactor: true },
    ],
    identities: [system, assigned],
    domains: ['contoso.com'],
  })
  brief = await startEntra({ applications: [withSecret], lifetime: 0 })
  setDefaultCACertificates([...usual, entra.certificate, brief.certificate])
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  setDefaultCACertificates(usual)
  await Promise.all([entra.close(), brief.close()])
})

const options = (more = {}) => ({
  authorityHost: entra.authority,
  disableInstanceDiscovery: true,
  retryOptions: { maxRetries: 0 },
  ...more,
})
const claimsOf = (token: string): Claims => readToken(token)?.claims ?? {}

describe("Microsoft's client for JavaScript", () => {
  it('gets a token with a secret, good for storage', async () => {
    const credential = new ClientSecretCredential(entra.tenant, withSecret.clientId, withSecret.secret, options())
    const { token, expiresOnTimestamp } = await credential.getToken(scope)
    expect(claimsOf(token)).toMatchObject({ aud: 'https://storage.azure.com', appid: 'app-with-secret', appidacr: '1' })
    expect(expiresOnTimestamp).toBeGreaterThan(Date.now() + 3_500_000)
    expect(entra.checkToken(token)).toBeUndefined()
  })

  it.each([
    ['with a wrong secret', withSecret.clientId, 'wrong', 'AADSTS7000215'],
    ['as an unknown application', 'nobody', 'a secret', 'AADSTS700016'],
  ])('is refused %s', async (_, clientId, secret, code) => {
    const credential = new ClientSecretCredential(entra.tenant, clientId, secret, options())
    await expect(credential.getToken(scope)).rejects.toThrow(code)
  })

  it('is refused for a resource that the tenant does not know', async () => {
    const credential = new ClientSecretCredential(entra.tenant, withSecret.clientId, withSecret.secret, options())
    await expect(credential.getToken('https://unknown.example/.default')).rejects.toThrow('AADSTS500011')
  })

  it('finds no tenant of another name', async () => {
    const credential = new ClientSecretCredential('fabrikam.com', withSecret.clientId, withSecret.secret, options())
    await expect(credential.getToken(scope)).rejects.toThrow('endpoints_resolution_error')
    expect(entra.requests.at(-1)).toBe('GET /fabrikam.com/v2.0/.well-known/openid-configuration 400')
  })

  it('gets a token with a certificate, by a domain of the tenant as well', async () => {
    const certificate = registered.key + registered.certificate
    for (const tenant of [entra.tenant, 'contoso.com']) {
      const credential = new ClientCertificateCredential(tenant, withCertificate.clientId, { certificate }, options())
      const { token } = await credential.getToken(scope)
      expect(claimsOf(token)).toMatchObject({ appid: 'app-with-certificate', appidacr: '2', tid: entra.tenant })
    }
  })

  it('is refused with a certificate that is not registered', async () => {
    const certificate = other.key + other.certificate
    const credential = new ClientCertificateCredential(
      entra.tenant,
      withCertificate.clientId,
      { certificate },
      options(),
    )
    await expect(credential.getToken(scope)).rejects.toThrow('AADSTS700027')
  })

  it('must send the chain of the certificate where the application is trusted by its subject', async () => {
    const certificate = registered.key + registered.certificate
    const logIn = (more: object) =>
      new ClientCertificateCredential(entra.tenant, withChain.clientId, { certificate }, options(more)).getToken(scope)
    await expect(logIn({})).rejects.toThrow('AADSTS700027')
    expect(claimsOf((await logIn({ sendCertificateChain: true })).token)).toMatchObject({ appid: 'app-with-chain' })
  })

  it('gets a token with that of a workload', async () => {
    const seconds = Math.floor(Date.now() / 1000)
    const claims = {
      iss: 'https://cluster',
      sub: 'system:serviceaccount:a:b',
      aud: 'api://AzureADTokenExchange',
      exp: seconds + 60,
    }
    const logIn = (key: string) => {
      const assertion = signToken({ alg: 'RS256' }, claims, createPrivateKey(key))
      const give = () => Promise.resolve(assertion)
      return new ClientAssertionCredential(entra.tenant, ofWorkload.clientId, give, options()).getToken(scope)
    }
    expect(claimsOf((await logIn(workload.key)).token)).toMatchObject({ appid: 'app-of-workload' })
    await expect(logIn(other.key)).rejects.toThrow('AADSTS5002730')
  })

  it('gets a token with the name and the password of a user', async () => {
    const logIn = (name: string, password: string) =>
      new UsernamePasswordCredential(entra.tenant, withSecret.clientId, name, password, options()).getToken(scope)
    const { token } = await logIn('ann@contoso.com', 'right')
    expect(claimsOf(token)).toMatchObject({ upn: 'ann@contoso.com', scp: 'user_impersonation' })
    await expect(logIn('ann@contoso.com', 'wrong')).rejects.toThrow('AADSTS50126')
    await expect(logIn('eve@contoso.com', 'right')).rejects.toThrow('AADSTS50034')
    await expect(logIn('bob@contoso.com', 'right')).rejects.toThrow('AADSTS50076')
  })

  it.each([
    ['the machine itself', () => new ManagedIdentityCredential(), 'client-1'],
    ['a client', () => new ManagedIdentityCredential({ clientId: 'client-2' }), 'client-2'],
    ['an object', () => new ManagedIdentityCredential({ objectId: 'object-2' }), 'client-2'],
    ['a resource', () => new ManagedIdentityCredential({ resourceId: '/resource/2' }), 'client-2'],
  ])('gets a token of the metadata service as the identity of %s', async (_, create, clientId) => {
    vi.stubEnv('AZURE_POD_IDENTITY_AUTHORITY_HOST', entra.metadata)
    const { token } = await create().getToken(scope)
    expect(claimsOf(token)).toMatchObject({ appid: clientId })
    expect(entra.checkToken(token)).toBeUndefined()
  })

  it('waits as long as it is told when throttled', async () => {
    entra.throttle(1, 0)
    const credential = new ClientSecretCredential(
      entra.tenant,
      withSecret.clientId,
      withSecret.secret,
      options({ retryOptions: { maxRetries: 1, retryDelayInMs: 1 } }),
    )
    await credential.getToken(scope)
    const tokens = entra.requests.slice(-2).map((line) => line.split(' ').slice(-2).join(' '))
    expect(tokens).toEqual(['client_credentials 429', 'client_credentials 200'])
  })
})

describe('the token endpoint', () => {
  const post = async (fields: Readonly<Record<string, string>>) => {
    const body = new URLSearchParams(fields)
    const response = await fetch(`${entra.authority}/${entra.tenant}/oauth2/v2.0/token`, { method: 'POST', body })
    const answer: unknown = await response.json()
    return { status: response.status, answer }
  }
  const good = { grant_type: 'client_credentials', client_id: 'app-with-secret', client_secret: 'a secret', scope }

  it.each([
    ['no grant', { ...good, grant_type: '' }, 400, 'invalid_request', 900_144],
    ['an unknown grant', { ...good, grant_type: 'device_code' }, 400, 'unsupported_grant_type', 70_003],
    ['no scope', { ...good, scope: '' }, 400, 'invalid_request', 900_144],
    ['a scope that is none of an application', { ...good, scope: 'User.Read' }, 400, 'invalid_scope', 1_002_012],
    ['nothing to prove the application', { ...good, client_secret: '' }, 401, 'invalid_client', 7_000_215],
  ])('refuses %s', async (_, fields, status, error, code) => {
    expect(await post(fields)).toMatchObject({ status, answer: { error, error_codes: [code] } })
  })

  it('asks for a secret or an assertion', async () => {
    const { client_secret: _, ...without } = good
    expect(await post(without)).toMatchObject({ status: 401, answer: { error_codes: [7_000_218] } })
  })

  it.each([
    ['meant for another tenant', { aud: 'https://login.example/other/oauth2/v2.0/token' }, 700_023],
    ['that has run out', { exp: 1 }, 700_024],
    ['of another application', { iss: 'app-with-secret' }, 5_002_730],
  ])('refuses an assertion %s', async (_, claims, code) => {
    const { fingerprint } = new X509Certificate(registered.certificate)
    const x5t = Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url')
    const clientId = withCertificate.clientId
    const right = {
      aud: `${entra.authority}/${entra.tenant}/oauth2/v2.0/token`,
      iss: clientId,
      sub: clientId,
      exp: Date.now() / 1000 + 60,
    }
    const assertion = (content: Claims) => ({
      grant_type: 'client_credentials',
      client_id: clientId,
      scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: signToken({ alg: 'RS256', x5t }, content, createPrivateKey(registered.key)),
    })
    expect(await post(assertion(right))).toMatchObject({ status: 200 })
    expect(await post(assertion({ ...right, ...claims }))).toMatchObject({
      status: 401,
      answer: { error_codes: [code] },
    })
  })
})

describe('the metadata service', () => {
  const ask = async (query: string, headers: Readonly<Record<string, string>> = { Metadata: 'true' }) => {
    const response = await fetch(`${entra.metadata}/metadata/identity/oauth2/token?${query}`, { headers })
    const answer: unknown = await response.json()
    return { status: response.status, answer }
  }
  const version = 'api-version=2018-02-01'
  const resource = 'resource=https%3A%2F%2Fstorage.azure.com%2F'

  it('answers with strings for numbers, as the real one does', async () => {
    const { answer } = await ask(`${version}&${resource}`)
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: '3600', resource: 'https://storage.azure.com/' })
  })

  it.each([
    ['without its header', `${version}&${resource}`, {}],
    ['that somebody passed on', `${version}&${resource}`, { Metadata: 'true', 'X-Forwarded-For': '10.0.0.1' }],
    ['without a version', resource, undefined],
    ['for nothing', version, undefined],
    ['for an unknown identity', `${version}&${resource}&client_id=client-9`, undefined],
    ['for two identities at once', `${version}&${resource}&client_id=client-2&object_id=object-2`, undefined],
  ])('refuses a request %s', async (_, query, headers) => {
    expect(await ask(query, headers)).toMatchObject({ status: 400, answer: { error: 'invalid_request' } })
  })
})

describe('discovery', () => {
  it('names endpoints under the tenant that was asked for, and the keys that tokens are signed with', async () => {
    const configuration = await read(`${entra.authority}/contoso.com/v2.0/.well-known/openid-configuration`)
    expect(configuration).toMatchObject({ issuer: `${entra.authority}/${entra.tenant}/v2.0` })
    expect(await read(`${entra.authority}/contoso.com/discovery/v2.0/keys`)).toMatchObject({ keys: [{ kty: 'RSA' }] })
  })

  it('knows itself as an instance and no other', async () => {
    const ask = (host: string) =>
      read(
        `${entra.authority}/common/discovery/instance?api-version=1.1&authorization_endpoint=${encodeURIComponent(`${host}/t/oauth2/v2.0/authorize`)}`,
      )
    const { host } = new URL(entra.authority)
    expect(await ask(entra.authority)).toMatchObject({ metadata: [{ preferred_network: host }] })
    expect(await ask('https://login.example')).toMatchObject({ error: 'invalid_instance' })
  })

  async function read(url: string): Promise<unknown> {
    return (await fetch(url)).json()
  }
})

describe('a token', () => {
  const request = async () => {
    const credential = new ClientSecretCredential(entra.tenant, withSecret.clientId, withSecret.secret, options())
    return (await credential.getToken(scope)).token
  }

  it('is refused when changed, signed by others, or revoked', async () => {
    const token = await request()
    const [header, claims = '', signature] = token.split('.')
    const changed = { ...claimsOf(token), appid: 'somebody else' }
    const forged = Buffer.from(JSON.stringify(changed)).toString('base64url')
    expect(entra.checkToken('no token')).toMatch('not well formed')
    expect(entra.checkToken(`${header}.${forged}.${signature}`)).toMatch('Signature')
    expect(entra.checkToken(signToken({ alg: 'RS256' }, claimsOf(token), createPrivateKey(other.key)))).toMatch(
      'Signature',
    )
    expect(claims).not.toBe(forged)
    entra.revokeTokens()
    expect(entra.checkToken(token)).toMatch('revoked')
    expect(entra.checkToken(await request())).toBeUndefined()
  })

  it('runs out', async () => {
    const fields = { grant_type: 'client_credentials', client_id: 'app-with-secret', client_secret: 'a secret', scope }
    const url = `${brief.authority}/${brief.tenant}/oauth2/v2.0/token`
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) })
    const answer: unknown = await response.json()
    const token = typeof answer === 'object' && answer && 'access_token' in answer ? String(answer.access_token) : ''
    expect(brief.checkToken(token)).toMatch('expired')
  })
})
