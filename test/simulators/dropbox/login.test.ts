import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DropboxAuth } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import { vendorFetch } from '../vendor-fetch.ts'
import { type Dropbox, startDropbox } from './start-dropbox.ts'
import { Client, clientOf, raw, refusalOf, summaryOf } from './testing-client.ts'

let dropbox: Dropbox
beforeAll(async () => {
  dropbox = await startDropbox()
})
afterAll(() => dropbox.close())
afterEach(() => dropbox.tree.setClock(undefined))

const redirect = 'http://127.0.0.1:53682/'
const newAuth = (secret?: string) =>
  new DropboxAuth({
    clientId: dropbox.app.key,
    ...(secret !== undefined && { clientSecret: secret }),
    fetch: vendorFetch(dropbox.routes),
  })
const token = async (fields: Record<string, string>, headers: Record<string, string> = {}) => {
  const body = new URLSearchParams(fields).toString()
  const form = { 'content-type': 'application/x-www-form-urlencoded', ...headers }
  const response = await raw(dropbox, '/oauth2/token', { headers: form, body })
  const answer = (await response.json()) as Readonly<Record<string, unknown>>
  const status: unknown = response.status
  return { ...answer, status } as Readonly<Record<string, unknown>>
}
const client = () => ({ client_id: dropbox.app.key, client_secret: dropbox.app.secret })

describe('consent', () => {
  it("the vendor's client gets a code with a proof key, exchanges it and renews what it got", async () => {
    const auth = newAuth()
    const page = await auth.getAuthenticationUrl(
      redirect,
      'the state',
      'code',
      'offline',
      ['files.metadata.read', 'account_info.read'],
      'none',
      true,
    )

    const sent = await dropbox.consent(page)
    expect(sent.searchParams.get('state')).toBe('the state')
    const { result } = await auth.getAccessTokenFromCode(redirect, sent.searchParams.get('code') ?? '')
    const answer = result as Record<string, unknown>
    expect(answer).toMatchObject({
      token_type: 'bearer',
      expires_in: 14_400,
      scope: 'files.metadata.read account_info.read',
      account_id: dropbox.accounts[0]?.accountId,
    })
    const fetch = vendorFetch(dropbox.routes)
    const renewing = new DropboxAuth({ clientId: dropbox.app.key, refreshToken: String(answer.refresh_token), fetch })
    const { result: account } = await new Client({ auth: renewing, fetch }).usersGetCurrentAccount()
    expect(account.email).toBe('franz@example.com')
    expect(renewing.getRefreshToken()).toBe(answer.refresh_token)
  })

  const ask = async (parameters: Record<string, string>) => {
    const query = new URLSearchParams({
      client_id: dropbox.app.key,
      response_type: 'code',
      redirect_uri: redirect,
      ...parameters,
    })
    return (await dropbox.consent(`https://www.dropbox.com/oauth2/authorize?${query}`)).searchParams.get('code') ?? ''
  }

  it('a code is good once, for ten minutes, for the address it was sent to, with its proof', async () => {
    const exchange = (code: string, more: Record<string, string> = {}) =>
      token({ grant_type: 'authorization_code', code, redirect_uri: redirect, ...client(), ...more })
    const code = await ask({ token_access_type: 'offline' })
    expect(await exchange(code)).toMatchObject({ status: 200, refresh_token: expect.any(String) })
    expect(await exchange(code)).toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(await exchange(await ask({}))).not.toHaveProperty('refresh_token')
    expect(await exchange(await ask({}), { redirect_uri: 'http://localhost/' })).toMatchObject({
      error: 'invalid_grant',
    })
    const challenged = await ask({ code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' })
    expect(await exchange(challenged, { code_verifier: 'b'.repeat(43) })).toMatchObject({
      error: 'invalid_grant',
      error_description: 'invalid code verifier',
    })
    const late = await ask({})
    dropbox.tree.setClock(Date.now() + 11 * 60_000)
    expect(await exchange(late)).toMatchObject({ error: 'invalid_grant' })
  })

  it('a page says what it cannot ask', async () => {
    await expect(ask({ client_id: 'nobody' })).rejects.toThrow('Invalid client_id')
    await expect(ask({ response_type: 'token' })).rejects.toThrow('response_type')
    await expect(ask({ redirect_uri: 'http://example.com/' })).rejects.toThrow('Invalid redirect_uri')
    await expect(ask({ scope: 'files.everything' })).rejects.toThrow('files.everything')
    await expect(ask({ colour: 'blue' })).rejects.toThrow('Unknown parameter')
    await expect(ask({ code_challenge_method: 'S256' })).rejects.toThrow('code_challenge')
  })

  it('whoever says no is sent back with it', async () => {
    const query = new URLSearchParams({
      client_id: dropbox.app.key,
      response_type: 'code',
      redirect_uri: redirect,
      state: 's',
    })
    const response = await vendorFetch(dropbox.routes)(`https://www.dropbox.com/oauth2/authorize?${query}`, {
      method: 'POST',
      body: new URLSearchParams({ choice: 'deny' }),
      redirect: 'manual',
    })
    const location = new URL(response.headers.get('location') ?? '')
    expect([location.searchParams.get('error'), location.searchParams.get('state')]).toEqual(['access_denied', 's'])
  })
})

describe('tokens', () => {
  it('are renewed without a new refresh token, also for fewer scopes, by Basic as well', async () => {
    const { refreshToken } = dropbox.issueToken()
    const renew = { grant_type: 'refresh_token', refresh_token: refreshToken }
    expect(await token({ ...renew, ...client() })).toEqual({
      status: 200,
      access_token: expect.stringMatching(/^sl\./),
      token_type: 'bearer',
      expires_in: 14_400,
    })
    const basic = Buffer.from(`${dropbox.app.key}:${dropbox.app.secret}`).toString('base64')
    const fewer = await token({ ...renew, scope: 'account_info.read' }, { authorization: `Basic ${basic}` })
    expect(fewer).toMatchObject({ status: 200, scope: 'account_info.read' })
    const limited = clientOf(dropbox, { accessToken: String(fewer.access_token) })
    expect(await refusalOf(limited.filesListFolder({ path: '' }))).toMatchObject({
      status: 401,
      summary: 'missing_scope',
      error: { '.tag': 'missing_scope', required_scope: 'files.metadata.read' },
    })
  })

  it('are not renewed by others, nor when they were revoked', async () => {
    const { refreshToken, accessToken } = dropbox.issueToken()
    const renew = { grant_type: 'refresh_token', refresh_token: refreshToken }
    expect(await token({ ...renew, client_id: dropbox.app.key, client_secret: 'wrong' })).toMatchObject({
      status: 400,
      error: 'invalid_client',
    })
    expect(await token({ ...renew, client_id: dropbox.app.key })).toMatchObject({ error: 'invalid_client' })
    expect(await token({ ...renew, ...client(), colour: 'blue' })).toMatchObject({ error: 'invalid_request' })
    expect(await token({ grant_type: 'client_credentials', ...client() })).toMatchObject({
      error: 'unsupported_grant_type',
    })
    dropbox.revoke(refreshToken)
    expect(await token({ ...renew, ...client() })).toEqual({
      status: 400,
      error: 'invalid_grant',
      error_description: 'refresh token is invalid or revoked',
    })
    expect(await refusalOf(clientOf(dropbox, { accessToken }).usersGetCurrentAccount())).toMatchObject({
      status: 401,
      summary: 'invalid_access_token',
    })
  })

  it('expire, are unknown, are malformed or missing', async () => {
    const { accessToken } = dropbox.issueToken()
    const usual = clientOf(dropbox, { accessToken })
    await usual.usersGetCurrentAccount()
    dropbox.endTokens()
    expect(await refusalOf(usual.usersGetCurrentAccount())).toMatchObject({
      status: 401,
      summary: 'expired_access_token',
    })
    const unknown = clientOf(dropbox, { accessToken: 'sl.unknown' })
    expect(await summaryOf(unknown.usersGetCurrentAccount())).toBe('invalid_access_token')
    const malformed = clientOf(dropbox, { accessToken: '{"access_token": "x"}' })
    expect(await refusalOf(malformed.usersGetCurrentAccount())).toMatchObject({
      status: 400,
      error: 'Error in call to API function "users/get_current_account": The given OAuth 2 access token is malformed.',
    })
    expect((await raw(dropbox, '/2/users/get_current_account')).status).toBe(400)
  })
})

describe('a team', () => {
  let team: Dropbox
  let token: string
  beforeAll(async () => {
    team = await startDropbox({ team: true })
    team.addMember('tami@example.com')
    token = team.issueToken({ team: true }).accessToken
  })
  afterAll(() => team.close())

  it('has members who are found by their address', async () => {
    const members = [
      { '.tag': 'email', email: 'tami@example.com' },
      { '.tag': 'email', email: 'nobody@example.com' },
    ] as const
    const { result } = await clientOf(team, { accessToken: token }).teamMembersGetInfo({ members: [...members] })
    expect(result).toMatchObject([
      { '.tag': 'member_info', profile: { email: 'tami@example.com', team_member_id: team.accounts[1]?.memberId } },
      { '.tag': 'id_not_found', id_not_found: 'nobody@example.com' },
    ])
    const own = clientOf(team)
    expect((await refusalOf(own.teamMembersGetInfo({ members: [...members] }))).status).toBe(401)
  })

  it('acts for a member who was selected, and only then', async () => {
    expect(await refusalOf(clientOf(team, { accessToken: token }).filesListFolder({ path: '' }))).toMatchObject({
      status: 400,
      error: expect.stringContaining('is for an entire Dropbox Business team'),
    })
    const tami = team.accounts[1]?.memberId ?? ''
    const selected = clientOf(team, { accessToken: token, selectUser: tami })
    await selected.filesUpload({ path: '/hers', contents: 'x' })
    expect((await selected.usersGetCurrentAccount()).result).toMatchObject({
      email: 'tami@example.com',
      account_type: { '.tag': 'business' },
      root_info: { '.tag': 'team', home_path: '/Tami Ferdinand' },
    })
    expect((await clientOf(team).filesListFolder({ path: '' })).result.entries).toEqual([])
    const wrong = clientOf(team, { accessToken: token, selectUser: 'dbmid:nobody' })
    expect(await refusalOf(wrong.filesListFolder({ path: '' }))).toMatchObject({
      status: 401,
      summary: 'invalid_select_user',
    })
    const admin = clientOf(team, { accessToken: token, selectAdmin: tami })
    expect(await summaryOf(admin.filesListFolder({ path: '' }))).toBe('invalid_select_admin')
    const without = team.issueToken({ team: true, scopes: ['files.metadata.read'] }).accessToken
    const unable = clientOf(team, { accessToken: without, selectUser: tami })
    expect(await refusalOf(unable.filesListFolder({ path: '' }))).toMatchObject({
      summary: 'missing_scope',
      error: { required_scope: 'team_data.member' },
    })
    expect((await refusalOf(clientOf(team, { selectUser: tami }).filesListFolder({ path: '' }))).status).toBe(400)
  })

  it('has a root of its own, which paths start in when they are told to', async () => {
    const root = team.accounts[0]?.root ?? ''
    const home = team.accounts[0]?.home ?? ''
    await clientOf(team).filesUpload({ path: '/mine', contents: 'x' })
    const pathRoot = { '.tag': 'root', root }
    const inRoot = clientOf(team, { pathRoot })
    const { result } = await inRoot.filesListFolder({ path: '' })
    expect(result.entries.map(({ name }) => name)).toEqual(['Franz Ferdinand', 'Tami Ferdinand'])
    expect((await inRoot.filesGetMetadata({ path: '/franz ferdinand/mine' })).result.path_lower).toBe(
      '/franz ferdinand/mine',
    )
    const space = clientOf(team, { pathRoot: { '.tag': 'namespace_id', namespace_id: home } })
    expect((await space.filesGetMetadata({ path: '/mine' })).result.path_lower).toBe('/mine')
    expect((await inRoot.filesGetMetadata({ path: `ns:${home}/mine` })).result.name).toBe('mine')
    await clientOf(team, { pathRoot: { '.tag': 'home' } }).filesGetMetadata({ path: '/mine' })
  })

  it("has roots and namespaces that are not everybody's", async () => {
    const gone = clientOf(team, { pathRoot: { '.tag': 'root', root: '999' } })
    expect(await refusalOf(gone.filesListFolder({ path: '' }))).toMatchObject({
      status: 422,
      summary: 'invalid_root',
      error: { '.tag': 'invalid_root', invalid_root: { root_namespace_id: team.accounts[0]?.root } },
    })
    const foreign = clientOf(team, { pathRoot: { '.tag': 'namespace_id', namespace_id: '999' } })
    expect(await refusalOf(foreign.filesListFolder({ path: '' }))).toMatchObject({
      status: 422,
      summary: 'no_permission',
    })
    const malformed = clientOf(team, { pathRoot: { '.tag': 'nowhere' } })
    expect((await refusalOf(malformed.filesListFolder({ path: '' }))).status).toBe(400)
  })

  it('deletes for good', async () => {
    const own = clientOf(team)
    const made = await own.filesUpload({ path: '/gone', contents: 'x' })
    expect((await own.filesPermanentlyDelete({ path: '/gone' })).result).toBeNull()
    expect(await summaryOf(own.filesListRevisions({ path: '/gone' }))).toBe('path/not_found')
    expect(await summaryOf(own.filesDownload({ path: `rev:${made.result.rev}` }))).toBe('path/not_found')
  })
})
