import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readToken } from './json-web-token.ts'
import { type Entra, startEntra } from './start-entra.ts'

const application = { clientId: 'app', secret: 'a secret', redirectUris: ['https://files.example/callback'] }
const program = { clientId: 'program', redirectUris: ['http://localhost/back'] }
const address = 'https://files.example/callback'
const ann = 'ann@contoso.com'
const scope = 'Files.ReadWrite.All offline_access'
const verifier = randomBytes(48).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')

let entra: Entra

beforeEach(async () => {
  entra = await startEntra({
    applications: [application, program],
    users: [{ name: ann, password: 'right' }],
    resources: ['https://graph.microsoft.com', 'https://graph.microsoft.us'],
    reuse: 0,
  })
})
afterEach(() => entra.close())

const page = {
  client_id: 'app',
  response_type: 'code',
  redirect_uri: address,
  scope,
  state: 'a state',
  code_challenge: challenge,
  code_challenge_method: 'S256',
}

async function authorize(fields: Readonly<Record<string, string>>): Promise<Response> {
  const query = new URLSearchParams(fields)
  return fetch(`${entra.plain}/common/oauth2/v2.0/authorize?${query}`, { redirect: 'manual' })
}

async function codeOf(fields: Readonly<Record<string, string>> = page): Promise<string> {
  const { headers } = await authorize(fields)
  return new URL(headers.get('location') ?? '').searchParams.get('code') ?? ''
}

async function token(fields: Readonly<Record<string, string>>, host = 'login.microsoftonline.com') {
  const body = new URLSearchParams({ client_id: 'app', client_secret: 'a secret', ...fields })
  const headers = { 'x-forwarded-host': host }
  const response = await fetch(`${entra.plain}/common/oauth2/v2.0/token`, { method: 'POST', body, headers })
  const answer: unknown = await response.json()
  return { status: response.status, ...(typeof answer === 'object' && answer) }
}

const redeem = (code: string, more = {}) =>
  token({ grant_type: 'authorization_code', code, redirect_uri: address, code_verifier: verifier, ...more })
const refresh = (given: unknown, more = {}) =>
  token({ grant_type: 'refresh_token', refresh_token: String(given), ...more })

describe('signing in', () => {
  it('leads back with a code and the state, and the code gives tokens for what was allowed', async () => {
    const response = await authorize(page)
    const location = new URL(response.headers.get('location') ?? '')
    expect(response.status).toBe(302)
    expect(location.origin + location.pathname).toBe(address)
    expect(location.searchParams.get('state')).toBe('a state')
    const granted = await redeem(location.searchParams.get('code') ?? '')
    expect(granted).toMatchObject({
      status: 200,
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'https://graph.microsoft.com/Files.ReadWrite.All',
      refresh_token: expect.any(String),
    })
    const access = 'access_token' in granted ? String(granted.access_token) : ''
    expect(entra.checkToken(access)).toBeUndefined()
    expect(readToken(access)?.claims).toMatchObject({ aud: 'https://graph.microsoft.com', scp: 'Files.ReadWrite.All' })
  })

  it('gives no refresh token to who did not ask for one', async () => {
    expect(await redeem(await codeOf({ ...page, scope: 'Files.Read' }))).not.toHaveProperty('refresh_token')
  })

  it('leads programs back to any port of the machine itself, and asks them for no secret', async () => {
    const redirect = 'http://localhost:53682/back'
    const code = await codeOf({ ...page, client_id: 'program', redirect_uri: redirect })
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'program',
      code,
      redirect_uri: redirect,
      code_verifier: verifier,
    })
    const { status } = await fetch(`${entra.plain}/common/oauth2/v2.0/token`, { method: 'POST', body })
    expect(status).toBe(200)
  })

  it('leads back with an error when the user declines', async () => {
    entra.answerConsent(false)
    const { headers } = await authorize(page)
    const { searchParams } = new URL(headers.get('location') ?? '')
    expect(searchParams.get('error')).toBe('access_denied')
    expect(searchParams.get('error_description')).toContain('AADSTS65004')
    expect(searchParams.get('state')).toBe('a state')
  })

  it.each([
    ['an address that is not registered', { ...page, redirect_uri: 'https://evil.example/' }, 'AADSTS50011'],
    ['an unknown application', { ...page, client_id: 'nobody' }, 'AADSTS700016'],
    ['no application', { ...page, client_id: '' }, 'AADSTS900144'],
  ])('shows a page, and leads nowhere, for %s', async (_, fields, code) => {
    const response = await authorize(fields)
    expect(response.status).toBe(400)
    expect(response.headers.get('location')).toBeNull()
    expect(await response.text()).toContain(code)
  })

  it.each([
    ['an unknown scope', { ...page, scope: 'Files.Everything' }, 'invalid_scope'],
    ['another type of answer', { ...page, response_type: 'token' }, 'unsupported_response_type'],
    ['a proof key that is too short', { ...page, code_challenge: 'short' }, 'invalid_request'],
  ])('leads back with an error for %s', async (_, fields, error) => {
    const { headers } = await authorize(fields)
    expect(new URL(headers.get('location') ?? '').searchParams.get('error')).toBe(error)
  })
})

describe('a code', () => {
  it('is good once', async () => {
    const code = await codeOf()
    expect(await redeem(code)).toMatchObject({ status: 200 })
    expect(await redeem(code)).toMatchObject({ status: 400, error: 'invalid_grant', error_codes: [54_005] })
  })

  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 501_481],
    ['another address', { redirect_uri: 'https://files.example/other' }, 500_112],
    ['a wrong secret', { client_secret: 'wrong' }, 7_000_215],
  ])('is refused with %s', async (_, more, number) => {
    expect(await redeem(await codeOf(), more)).toMatchObject({ error_codes: [number] })
  })

  it('is refused when it is too old', async () => {
    const code = await codeOf()
    entra.expireGrants()
    expect(await redeem(code)).toMatchObject({ error: 'invalid_grant', error_codes: [70_008] })
  })
})

describe('a refresh token', () => {
  const scopes = ['Files.Read', 'Files.ReadWrite.All']
  const issue = () => entra.issueRefreshToken({ user: ann, clientId: 'app', scopes })

  it('gives another one each time, and is refused afterwards', async () => {
    const first = issue()
    const second = await refresh(first)
    expect(second).toMatchObject({ status: 200, refresh_token: expect.any(String) })
    expect(await refresh(first)).toMatchObject({ status: 400, error: 'invalid_grant', error_codes: [70_000] })
    expect(await refresh('refresh_token' in second && second.refresh_token)).toMatchObject({ status: 200 })
  })

  it('is still taken for a while when two processes use it at once', async () => {
    const lenient = await startEntra({ applications: [application], resources: ['https://graph.microsoft.com'] })
    const first = lenient.issueRefreshToken({ user: ann, clientId: 'app', scopes })
    for (let time = 0; time < 2; time++) {
      const body = new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: 'app',
        client_secret: 'a secret',
        refresh_token: first,
      })
      const { status } = await fetch(`${lenient.plain}/common/oauth2/v2.0/token`, { method: 'POST', body })
      expect(status).toBe(200)
    }
    await lenient.close()
  })

  it('gives a token for less than was allowed, not for more', async () => {
    expect(await refresh(issue(), { scope: 'Files.Read' })).toMatchObject({
      scope: 'https://graph.microsoft.com/Files.Read',
    })
    expect(await refresh(issue(), { scope: 'Sites.Read.All' })).toMatchObject({
      error: 'invalid_grant',
      error_codes: [65_001],
      suberror: 'consent_required',
    })
  })

  it.each([
    ['the password of the user was changed', () => entra.revokeGrants(ann), 50_173],
    ['it was not used for long', () => entra.expireGrants(), 70_008],
    ['the user took the consent back', () => entra.withdrawConsent('app'), 65_001],
  ])('is refused when %s', async (_, happens, number) => {
    const given = issue()
    happens()
    expect(await refresh(given)).toMatchObject({ status: 400, error: 'invalid_grant', error_codes: [number] })
  })

  it('is for the application that it was given to', async () => {
    const given = entra.issueRefreshToken({ user: ann, clientId: 'program', scopes })
    expect(await refresh(given)).toMatchObject({ error: 'invalid_grant', error_codes: [70_000] })
  })
})

it('signs in to the Graph of the cloud that is asked', async () => {
  const query = new URLSearchParams(page)
  const headers = { 'x-forwarded-host': 'login.microsoftonline.us' }
  const response = await fetch(`${entra.plain}/common/oauth2/v2.0/authorize?${query}`, { redirect: 'manual', headers })
  const code = new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const granted = await token(
    { grant_type: 'authorization_code', code, redirect_uri: address, code_verifier: verifier },
    'login.microsoftonline.us',
  )
  expect(granted).toMatchObject({ scope: 'https://graph.microsoft.us/Files.ReadWrite.All' })
})
