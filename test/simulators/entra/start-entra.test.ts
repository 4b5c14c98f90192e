import { createPrivateKey, X509Certificate } from 'node:crypto'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { selfSigned } from '../../e2e/self-signed.ts'
import { type Claims, readToken, signToken } from './json-web-token.ts'
import { type Entra, startEntra } from './start-entra.ts'

const scope = 'https://storage.azure.com/.default'
const registered = selfSigned('rsa')
const other = selfSigned('rsa')
const withSecret = { clientId: 'app-with-secret', secret: 'a secret' }
const withCertificate = { clientId: 'app-with-certificate', certificates: [registered.certificate] }
const system = { clientId: 'client-1', objectId: 'object-1', resourceId: '/resource/1', ofSystem: true }
const assigned = { clientId: 'client-2', objectId: 'object-2', resourceId: '/resource/2' }

const usual = getCACertificates('default')
let entra: Entra
/** Its tokens run out at once. */
let brief: Entra

beforeAll(async () => {
  entra = await startEntra({
    applications: [withSecret, withCertificate],
    identities: [system, assigned],
    domains: ['contoso.com'],
  })
  brief = await startEntra({ applications: [withSecret], lifetime: 0 })
  setDefaultCACertificates([...usual, entra.certificate, brief.certificate])
})
afterAll(async () => {
  setDefaultCACertificates(usual)
  await Promise.all([entra.close(), brief.close()])
})

const claimsOf = (token: string): Claims => readToken(token)?.claims ?? {}

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
  const request = async ({ authority, tenant }: Entra) => {
    const fields = { grant_type: 'client_credentials', client_id: 'app-with-secret', client_secret: 'a secret', scope }
    const url = `${authority}/${tenant}/oauth2/v2.0/token`
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) })
    const answer: unknown = await response.json()
    return typeof answer === 'object' && answer && 'access_token' in answer ? String(answer.access_token) : ''
  }

  it('is refused when changed, signed by others, or revoked', async () => {
    const token = await request(entra)
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
    expect(entra.checkToken(await request(entra))).toBeUndefined()
  })

  it('runs out', async () => {
    expect(brief.checkToken(await request(brief))).toMatch('expired')
  })
})
