import { createPrivateKey, sign } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cloudPlatform, type GoogleTokens, type ServiceAccountKey, startGoogleTokens } from './start-google-tokens.ts'

type Claims = Readonly<Record<string, unknown>>

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function assertion(key: ServiceAccountKey, change: Claims = {}, header: Claims = {}): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: key.client_email,
    scope: cloudPlatform,
    aud: key.token_uri,
    iat: now,
    exp: now + 3600,
    ...change,
  }
  const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: key.private_key_id, ...header })}.${encode(claims)}`
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), createPrivateKey(key.private_key)).toString('base64url')}`
}

async function ask(tokens: GoogleTokens, form: Readonly<Record<string, string>>, headers: Record<string, string> = {}) {
  const response = await fetch(tokens.tokenUri, { method: 'POST', body: new URLSearchParams(form), headers })
  const body: unknown = await response.json()
  return { status: response.status, body }
}

const bearer = (key: ServiceAccountKey, change?: Claims, header?: Claims) => ({
  grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  assertion: assertion(key, change, header),
})

/** The token of an answer that has to be one. */
function tokenIn({ status, body }: Awaited<ReturnType<typeof ask>>): string {
  expect(status).toBe(200)
  expect(body).toMatchObject({ token_type: 'Bearer', access_token: expect.stringMatching(/^ya29\./) })
  if (typeof body === 'object' && body !== null && 'access_token' in body) return String(body.access_token)
  throw new Error('There is no token.')
}

describe('the simulator of Google logins', () => {
  let tokens: GoogleTokens
  let now = Date.now()

  beforeEach(async () => {
    now = Date.now()
    tokens = await startGoogleTokens({ now: () => now })
  })
  afterEach(() => tokens.close())

  it('lets a service account act in the name of those who were delegated to it, for their scopes', async () => {
    const key = await tokens.addServiceAccount('robot')
    tokens.delegate(key.client_email, 'you@example.com', [cloudPlatform])
    const token = tokenIn(await ask(tokens, bearer(key, { sub: 'you@example.com' })))
    expect(tokens.findAccount(token)).toMatchObject({ email: 'you@example.com', scopes: [cloudPlatform] })
    const other = { sub: 'you@example.com', scope: 'https://www.googleapis.com/auth/drive' }
    expect(await ask(tokens, bearer(key, other))).toMatchObject({ status: 401, body: { error: 'unauthorized_client' } })
  })

  it('gives a service account the scopes that it asks for', async () => {
    const key = await tokens.addServiceAccount('robot')
    expect(key.client_email).toBe('robot@filegate-test.iam.gserviceaccount.com')
    const token = tokenIn(await ask(tokens, bearer(key)))
    expect(tokens.findAccount(token)).toMatchObject({ email: key.client_email, scopes: [cloudPlatform], member: true })
    expect(tokens.findAccount(`${token}x`)).toBeUndefined()
    expect(tokens.requests.map(({ grant, status }) => [grant, status])).toEqual([[bearer(key).grant_type, 200]])
    now += 3_600_000
    expect(tokens.findAccount(token)).toBeUndefined()
  })

  it('refuses an assertion that is not in order', async () => {
    const key = await tokens.addServiceAccount('robot')
    const other = await tokens.addServiceAccount('other')
    const seconds = Math.floor(now / 1000)
    const forms: readonly (readonly [Readonly<Record<string, string>>, string, string])[] = [
      [bearer(key, { iss: 'nobody@example.com' }), 'invalid_grant', 'account not found'],
      [bearer(key, { iss: other.client_email }), 'invalid_grant', 'Invalid JWT Signature.'],
      [bearer({ ...key, private_key: other.private_key }), 'invalid_grant', 'Invalid JWT Signature.'],
      [bearer(key, {}, { kid: 'unknown' }), 'invalid_grant', 'Invalid JWT Signature.'],
      [bearer(key, {}, { alg: 'none' }), 'invalid_grant', 'Only RS256'],
      [bearer(key, { aud: 'https://example.com/token' }), 'invalid_grant', 'Failed audience check'],
      [bearer(key, { iat: seconds - 7200, exp: seconds - 3600 }), 'invalid_grant', 'short-lived'],
      [bearer(key, { iat: seconds, exp: seconds + 7200 }), 'invalid_grant', 'short-lived'],
      [bearer(key, { iat: seconds + 900, exp: seconds + 1800 }), 'invalid_grant', 'short-lived'],
      [bearer(key, { scope: '' }), 'invalid_scope', 'Invalid OAuth scope'],
      [bearer(key, { sub: 'boss@example.com' }), 'unauthorized_client', 'unauthorized'],
      [{ ...bearer(key), assertion: 'nonsense' }, 'invalid_grant', 'Failed to parse'],
      [{ grant_type: bearer(key).grant_type }, 'invalid_request', 'assertion'],
      [{ grant_type: 'password' }, 'unsupported_grant_type', 'password'],
      [{}, 'invalid_request', 'grant_type'],
    ]
    for (const [form, error, description] of forms) {
      const { status, body } = await ask(tokens, form)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(body).toMatchObject({ error, error_description: expect.stringContaining(description) })
    }
    tokens.removeKeys(key.client_email)
    expect((await ask(tokens, bearer(key))).status).toBe(400)
  })

  it('takes the audience of the vendor for its own', async () => {
    const key = await tokens.addServiceAccount('robot')
    const token = tokenIn(await ask(tokens, bearer(key, { aud: 'https://oauth2.googleapis.com/token' })))
    expect(tokens.findAccount(token)?.email).toBe(key.client_email)
  })

  it('refreshes a login for the client that it was given to, until it is revoked', async () => {
    const { clientId, clientSecret, refreshToken } = tokens.addUser('me@example.com', [cloudPlatform, 'email'])
    const stranger = tokens.addUser('you@example.com', ['email'])
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken }
    const inForm = { client_id: clientId, client_secret: clientSecret }
    const token = tokenIn(await ask(tokens, { ...form, ...inForm }))
    expect(tokens.findAccount(token)).toMatchObject({ email: 'me@example.com', scopes: [cloudPlatform, 'email'] })
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
    tokenIn(await ask(tokens, form, { authorization: `Basic ${basic}` }))

    const refused = async (change: Readonly<Record<string, string>>) =>
      (await ask(tokens, { ...form, ...inForm, ...change })).body
    expect(await refused({ client_id: 'nobody' })).toMatchObject({ error: 'invalid_client' })
    expect(await refused({ client_secret: 'wrong' })).toMatchObject({ error: 'invalid_client' })
    expect(await refused({ client_id: '' })).toMatchObject({ error: 'invalid_request' })
    expect(await refused({ refresh_token: stranger.refreshToken })).toMatchObject({ error: 'invalid_grant' })
    expect(await refused({ scope: 'https://example.com/more' })).toMatchObject({ error: 'invalid_scope' })
    tokens.revoke(refreshToken)
    expect(await refused({})).toMatchObject({ error_description: 'Token has been expired or revoked.' })
  })

  it('lets only clients ask for themselves that may', async () => {
    const client = tokens.addClient('app@example.com')
    const user = tokens.addUser('me@example.com', ['email'])
    const form = (one: { clientId: string; clientSecret: string }) => ({
      grant_type: 'client_credentials',
      client_id: one.clientId,
      client_secret: one.clientSecret,
      scope: cloudPlatform,
    })
    const token = tokenIn(await ask(tokens, form(client)))
    expect(tokens.findAccount(token)?.email).toBe('app@example.com')
    expect((await ask(tokens, form(user))).body).toMatchObject({ error: 'unauthorized_client' })
  })

  it('fails when it is told to', async () => {
    const key = await tokens.addServiceAccount('robot')
    tokens.fail(503)
    expect((await ask(tokens, bearer(key))).status).toBe(503)
    tokenIn(await ask(tokens, bearer(key)))
  })

  it('is a metadata server for who asks in its way', async () => {
    const about = async (path: string, headers: Record<string, string> = { 'metadata-flavor': 'Google' }) => {
      const response = await fetch(`${tokens.endpoint}/computeMetadata/v1/${path}`, { headers })
      expect(response.headers.get('metadata-flavor')).toBe('Google')
      return `${response.status} ${(await response.text()).trim()}`
    }
    const account = 'instance/service-accounts/default'
    expect(await about('instance')).toMatch(/^200 /)
    expect(await about(`${account}/token`)).toBe('404 Not Found')
    tokens.attach('robot@example.com')
    expect(await about(`${account}/email`)).toBe('200 robot@example.com')
    expect(await about(`${account}/scopes`)).toBe(`200 ${cloudPlatform}`)
    expect(await about('project/project-id')).toBe('200 filegate-test')
    expect(await about(`${account}/email`, {})).toMatch(/^403 /)
    expect(await about(`${account}/email`, { 'metadata-flavor': 'Google', 'x-forwarded-for': '10.0.0.1' })).toMatch(
      /^403 /,
    )
    const first = await about(`${account}/token`)
    const token = /"access_token":"([^"]+)"/.exec(first)?.[1] ?? ''
    expect(tokens.findAccount(token)).toMatchObject({ email: 'robot@example.com', scopes: [cloudPlatform] })
    expect(await about(`${account}/token`)).toBe(first)
    now += 3_500_000
    expect(await about(`${account}/token`)).not.toContain(token)
  })
})
