import { createPrivateKey } from 'node:crypto'
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
  setDefaultCACertificates([...usual, entra.certificate])
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  setDefaultCACertificates(usual)
  await entra.close()
})

const options = (more = {}) => ({
  authorityHost: entra.authority,
  disableInstanceDiscovery: true,
  retryOptions: { maxRetries: 0 },
  ...more,
})
const claimsOf = (token: string): Claims => readToken(token)?.claims ?? {}

// Microsoft's client for JavaScript as a second opinion.

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
