import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cloudPlatform, type GoogleTokens, startGoogleTokens } from '../google-token/start-google-tokens.ts'
import { type GoogleCloudStorage, startGoogleCloudStorage } from './start-google-cloud-storage.ts'
import { refusalOf, type Sent, testingClient } from './testing-client.ts'

const scope = (name: string): string => `https://www.googleapis.com/auth/devstorage.${name}`

describe('access to the storage simulator', () => {
  let tokens: GoogleTokens
  let storage: GoogleCloudStorage

  beforeEach(async () => {
    tokens = await startGoogleTokens()
    storage = await startGoogleCloudStorage({ findAccount: tokens.findAccount })
    storage.addBucket({ name: 'one' })
  })
  afterEach(async () => {
    await storage.close()
    await tokens.close()
  })

  const as = (token?: string) => testingClient(storage.endpoint, token)
  const member = (scopes = [cloudPlatform]) => as(tokens.issue('me@example.com', scopes))
  /** Somebody of another project. */
  async function stranger() {
    const user = tokens.addUser('you@example.com', [cloudPlatform], { stranger: true })
    const form = {
      grant_type: 'refresh_token',
      refresh_token: user.refreshToken,
      client_id: user.clientId,
      client_secret: user.clientSecret,
    }
    const response = await fetch(tokens.tokenUri, { method: 'POST', body: new URLSearchParams(form) })
    const answer: unknown = await response.json()
    return as(
      typeof answer === 'object' && answer !== null && 'access_token' in answer ? String(answer.access_token) : '',
    )
  }
  const put = (call: ReturnType<typeof as>, bucket = 'one', query: Sent['query'] = {}) =>
    call('POST', `/upload/storage/v1/b/${bucket}/o`, { query: { uploadType: 'media', name: 'a', ...query }, body: 'x' })

  it('needs a token that is good', async () => {
    const list = '/storage/v1/b/one/o'
    const anonymous = await as()('GET', list)
    expect(refusalOf(anonymous)).toBe('401 required')
    expect(anonymous.text).toContain('Anonymous caller does not have storage.objects.list access')
    expect(refusalOf(await as('wrong')('GET', list))).toBe('401 authError')
    const call = member()
    expect((await call('GET', list)).status).toBe(200)
    tokens.endTokens()
    const ended = await call('GET', list)
    expect([refusalOf(ended), ended.headers.get('www-authenticate')]).toEqual([
      '401 authError',
      expect.stringContaining('invalid_token'),
    ])
  })

  it('reaches as far as the scopes of the token', async () => {
    expect(refusalOf(await put(member([scope('read_write')])))).toBe('200')
    const reader = member([scope('read_only')])
    expect((await reader('GET', '/storage/v1/b/one/o/a', { query: { alt: 'media' } })).text).toBe('x')
    expect(refusalOf(await put(reader))).toBe('403 insufficientPermissions')
    const acl = { json: { acl: [{ entity: 'allUsers', role: 'READER' }] } }
    expect(refusalOf(await member([scope('read_write')])('PATCH', '/storage/v1/b/one/o/a', acl))).toBe(
      '403 insufficientPermissions',
    )
    expect(refusalOf(await member([scope('full_control')])('PATCH', '/storage/v1/b/one/o/a', acl))).toBe('200')
    expect(refusalOf(await member(['email'])('GET', '/storage/v1/b/one/o'))).toBe('403 insufficientPermissions')
  })

  it('is open to everybody where an object is made public', async () => {
    await put(member(), 'one', { predefinedAcl: 'publicRead' })
    expect((await as()('GET', '/storage/v1/b/one/o/a', { query: { alt: 'media' } })).text).toBe('x')
    expect(refusalOf(await as()('GET', '/storage/v1/b/one/o'))).toBe('401 required')
    expect(refusalOf(await as()('GET', '/storage/v1/b/one/o/other'))).toBe('401 required')
    expect(refusalOf(await put(as()))).toBe('401 required')
  })

  it('is opened and closed again by predefined access', async () => {
    await put(member())
    const change = (query: Record<string, string>) => member()('PATCH', '/storage/v1/b/one/o/a', { query, json: {} })
    const read = async () => refusalOf(await as()('GET', '/storage/v1/b/one/o/a'))
    await change({ predefinedAcl: 'publicRead' })
    expect(await read()).toBe('200')
    await change({ predefinedAcl: 'private' })
    expect(await read()).toBe('401 required')
    await member()('PATCH', '/storage/v1/b/one', { query: { predefinedAcl: 'publicRead' }, json: {} })
    expect((await as()('GET', '/storage/v1/b/one/o')).status).toBe(200)
    expect(await read()).toBe('401 required')
  })

  it('is open to everybody where the policy of the bucket says so', async () => {
    const bindings = [{ role: 'roles/storage.objectViewer', members: ['allUsers'] }]
    expect((await member()('PUT', '/storage/v1/b/one/iam', { json: { bindings } })).json).toMatchObject({ bindings })
    await put(member())
    expect((await as()('GET', '/storage/v1/b/one/o')).status).toBe(200)
    expect((await as()('GET', '/storage/v1/b/one/o/a', { query: { alt: 'media' } })).text).toBe('x')
    expect(refusalOf(await as()('GET', '/storage/v1/b/one/o/none'))).toBe('404 notFound')
    expect(refusalOf(await as()('DELETE', '/storage/v1/b/one/o/a'))).toBe('401 required')
  })

  it('is closed to strangers, but for what a bucket grants them', async () => {
    const call = await stranger()
    expect(refusalOf(await call('GET', '/storage/v1/b/one/o'))).toBe('403 forbidden')
    expect(refusalOf(await call('GET', '/storage/v1/b', { query: { project: 'filegate-test' } }))).toBe('403 forbidden')
    const members = ['user:you@example.com']
    storage.addBucket({ name: 'shared' }, { bindings: [{ role: 'roles/storage.objectCreator', members }] })
    expect(refusalOf(await put(call, 'shared'))).toBe('200')
    // To write over something, one has to be allowed to delete it.
    expect(refusalOf(await put(call, 'shared'))).toBe('403 forbidden')
  })

  it('to a bucket whose requesters pay needs a project that pays', async () => {
    const bindings = [{ role: 'roles/storage.objectAdmin', members: ['allAuthenticatedUsers'] }]
    storage.addBucket({ name: 'paid', billing: { requesterPays: true } }, { project: '999', bindings })
    const call = member()
    const unpaid = await put(call, 'paid')
    expect([refusalOf(unpaid), unpaid.text]).toEqual([
      '400 required',
      expect.stringContaining('Bucket is requester pays bucket but no user project provided.'),
    ])
    expect(refusalOf(await put(call, 'paid', { userProject: 'unknown-project' }))).toBe('400 invalid')
    expect(refusalOf(await put(call, 'paid', { userProject: 'filegate-test' }))).toBe('200')
    const get = (query: Record<string, string>) => call('GET', '/storage/v1/b/paid/o/a', { query })
    expect(refusalOf(await get({}))).toBe('400 required')
    expect((await get({ userProject: '123456789012', alt: 'media' })).text).toBe('x')
    const headers = { 'x-goog-user-project': 'filegate-test' }
    expect((await call('GET', '/storage/v1/b/paid/o/a', { headers })).status).toBe(200)
    expect(
      refusalOf(await (await stranger())('GET', '/storage/v1/b/paid/o/a', { query: { userProject: 'filegate-test' } })),
    ).toBe('403 forbidden')
  })

  it('goes on with an upload for whoever knows the address of its session', async () => {
    const started = await member()('POST', '/upload/storage/v1/b/one/o', {
      query: { uploadType: 'resumable', name: 'a' },
    })
    const session = started.headers.get('location') ?? ''
    expect((await as()('PUT', session, { body: 'content' })).json).toMatchObject({ size: '7' })
    expect(storage.find('one', 'a')?.owner).toBe('me@example.com')
  })
})
