import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type GoogleTokens, startGoogleTokens } from './start-google-tokens.ts'

const scope = 'https://www.googleapis.com/auth/drive'
const redirectUri = 'https://files.example.com/callback'

describe('the page on which a user allows access', () => {
  let tokens: GoogleTokens
  let application: ReturnType<GoogleTokens['addApplication']>
  const verifier = randomBytes(48).toString('base64url')

  beforeEach(async () => {
    tokens = await startGoogleTokens()
    application = tokens.addApplication({ redirectUris: [redirectUri] })
  })
  afterEach(() => tokens.close())

  async function visit(change: Readonly<Record<string, string>> = {}): Promise<Response> {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: application.clientId,
      redirect_uri: redirectUri,
      scope,
      state: 'abc',
      access_type: 'offline',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...change,
    })
    return fetch(`${tokens.endpoint}/o/oauth2/auth?${query.toString()}`, { redirect: 'manual' })
  }
  const back = (response: Response): URLSearchParams => new URL(response.headers.get('location') ?? '').searchParams
  async function redeem(code: string | null, change: Readonly<Record<string, string>> = {}) {
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code: code ?? '',
      redirect_uri: redirectUri,
      client_id: application.clientId,
      client_secret: application.clientSecret,
      code_verifier: verifier,
      ...change,
    })
    const response = await fetch(tokens.tokenUri, { method: 'POST', body })
    const answer: unknown = await response.json()
    return { status: response.status, answer }
  }

  it('sends the user back with a code that is good once, for tokens of that user', async () => {
    tokens.consentAs({ email: 'you@example.com' })
    const sent = back(await visit())
    expect(sent.get('state')).toBe('abc')
    const { status, answer } = await redeem(sent.get('code'))
    expect(status).toBe(200)
    expect(answer).toMatchObject({ scope, refresh_token: expect.stringMatching(/^1\/\//) })
    const token = typeof answer === 'object' && answer !== null && 'access_token' in answer ? answer.access_token : ''
    expect(tokens.findAccount(String(token))).toMatchObject({ email: 'you@example.com' })
    expect(await redeem(sent.get('code'))).toMatchObject({ status: 400, answer: { error: 'invalid_grant' } })
  })

  it('gives a refresh token the first time, and later only when asked for consent', async () => {
    await redeem(back(await visit()).get('code'))
    const second = await redeem(back(await visit()).get('code'))
    expect(second.answer).not.toHaveProperty('refresh_token')
    const third = await redeem(back(await visit({ prompt: 'consent' })).get('code'))
    expect(third.answer).toHaveProperty('refresh_token')
  })

  it('takes a code from its client only, with its address and its proof', async () => {
    const other = tokens.addApplication()
    const code = back(await visit()).get('code')
    expect(await redeem(code, { code_verifier: 'x'.repeat(50) })).toMatchObject({ status: 400 })
    expect(await redeem(code, { redirect_uri: 'https://elsewhere.example.com/' })).toMatchObject({ status: 400 })
    const stolen = { client_id: other.clientId, client_secret: other.clientSecret }
    expect(await redeem(code, stolen)).toMatchObject({ status: 401, answer: { error: 'unauthorized_client' } })
    expect((await redeem(code)).status).toBe(200)
  })

  it('tells the client of a user who says no', async () => {
    tokens.consentAs('denied')
    const sent = back(await visit())
    expect([sent.get('error'), sent.get('code'), sent.get('state')]).toEqual(['access_denied', null, 'abc'])
  })

  it('sends nobody to an address that the client did not name, unless it is a program on loopback', async () => {
    expect((await visit({ redirect_uri: 'https://elsewhere.example.com/' })).status).toBe(400)
    expect((await visit({ redirect_uri: 'http://127.0.0.1:4711/' })).status).toBe(400)
    application = tokens.addApplication({ installed: true })
    expect((await visit({ redirect_uri: 'http://127.0.0.1:4711/' })).status).toBe(302)
    expect((await visit({ client_id: 'nobody' })).status).toBe(401)
    expect((await visit({ scope: '' })).status).toBe(400)
  })

  it('ends a login that is revoked', async () => {
    const user = tokens.addUser('me@example.com', [scope])
    const form = { grant_type: 'refresh_token', refresh_token: user.refreshToken }
    const client = { client_id: user.clientId, client_secret: user.clientSecret }
    const ask = () => fetch(tokens.tokenUri, { method: 'POST', body: new URLSearchParams({ ...form, ...client }) })
    expect((await ask()).status).toBe(200)
    const revoke = () =>
      fetch(`${tokens.endpoint}/revoke`, { method: 'POST', body: new URLSearchParams({ token: user.refreshToken }) })
    expect((await revoke()).status).toBe(200)
    expect((await ask()).status).toBe(400)
  })
})
