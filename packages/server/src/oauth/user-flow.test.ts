import { describe, expect, it } from 'vitest'
import { createRegistry } from '../backends/registry.ts'
import { withServerClient } from './server-clients.ts'
import { newUserFlow, userFlow } from './user-flow.ts'

const registry = createRegistry()
const all = await Promise.all(registry.slugs.map((slug) => registry.load(slug)))
const clients = Object.fromEntries(registry.slugs.map((slug) => [slug, { id: 'app-of-server', secret: 'its-secret' }]))

describe.each(all.filter(({ oauth }) => oauth).map((definition) => [definition.slug, definition] as const))(
  'a user of %s',
  (_slug, definition) => {
    it('is sent to the vendor with the client of the server, when nothing else says how to log in', async () => {
      const flow = await userFlow(definition, {}, clients)
      expect(flow).toMatchObject({ client: { id: 'app-of-server', secret: 'its-secret' } })
      expect([flow?.page, flow?.client.tokenUrl].every((url) => url?.startsWith('https://'))).toBe(true)
      await expect(newUserFlow(definition, {}, {})).rejects.toThrow(`--oauth-client ${definition.slug}=ID`)
    })

    it('is not needed with a token, unless it is to be replaced', async () => {
      const given = { token: '{"access_token":"a"}', client_id: 'mine', client_secret: 's' }
      expect(await userFlow(definition, given, clients)).toBeUndefined()
      expect(await newUserFlow(definition, given, clients)).toMatchObject({ client: { id: 'mine', secret: 's' } })
    })

    it('goes to the addresses of the options with their client only', async () => {
      const own = { auth_url: 'https://mine.example/a', token_url: 'https://mine.example/t' }
      await expect(newUserFlow(definition, own, clients)).rejects.toThrow('of your own')
      expect(await userFlow(definition, { ...own, client_id: 'mine' }, clients)).toMatchObject({
        page: own.auth_url,
        isChosen: true,
        client: { id: 'mine', secret: '', tokenUrl: own.token_url },
      })
    })

    it('never allows the client of the server access at such an address, by whom it may be named', async () => {
      for (const own of [{ auth_url: 'https://mine.example/a' }, { token_url: 'https://mine.example/t' }]) {
        for (const client_id of ['app-of-server', ' App-Of-Server ']) {
          const given = { ...own, client_id, client_secret: 'guessed' }
          await expect(userFlow(definition, given, clients)).rejects.toThrow("client_id: is the server's client")
          expect(await userFlow(definition, given, {})).toBeDefined()
        }
      }
      expect(await userFlow(definition, { client_id: 'app-of-server' }, clients)).toMatchObject({ isChosen: false })
    })
  },
)

it('a user of Google Cloud Storage is asked for where there is a client, and nothing else to log in with', async () => {
  const gcs = await registry.load('google-cloud-storage')
  expect(await userFlow(gcs, {}, {})).toBeUndefined()
  expect(await userFlow(gcs, { client_id: 'mine' }, {})).toMatchObject({ client: { id: 'mine' } })
  for (const other of [{ anonymous: true }, { access_token: 'a' }, { env_auth: true }, { service_account_file: 'f' }]) {
    expect(await userFlow(gcs, other, clients)).toBeUndefined()
    await expect(newUserFlow(gcs, other, clients)).rejects.toThrow('without a user')
    await expect(newUserFlow(gcs, other, {})).rejects.toThrow('without a user')
  }
})

it('a user of Google Cloud Storage never allows the client of the server access to be used elsewhere', async () => {
  const gcs = await registry.load('google-cloud-storage')
  const given = { client_id: 'app-of-server', endpoint: 'https://mine.example' }
  await expect(userFlow(gcs, given, clients)).rejects.toThrow('Leave out endpoint')
  expect(await userFlow(gcs, given, {})).toBeDefined()
})

describe('the client of the server', () => {
  const [definition] = all.filter(({ oauth }) => oauth)
  if (!definition) throw new Error('some vendors have OAuth')

  it.each([
    { token_url: 'https://mine.example/' },
    { auth_url: 'https://mine.example/' },
    { endpoint: 'https://mine.example/' },
    { client_secret: 'mine' },
    { client_id: 'mine' },
    { client_credentials: true },
    { client_credentials: 'TRUE' },
  ])('is not used with %j', (options) => {
    expect(withServerClient(definition, options, clients)).toBe(options)
  })

  it('is used beside whatever else is said', () => {
    for (const options of [{}, { client_id: '', token_url: '' }, { token: 'x' }, { client_credentials: false }]) {
      expect(withServerClient(definition, options, clients)).toMatchObject({ client_id: 'app-of-server' })
    }
    expect(withServerClient(definition, {}, {})).toEqual({})
  })

  it('is not used for providers without OAuth', () => {
    const plain = all.find(({ oauth }) => !oauth)
    if (!plain) throw new Error('there are such')
    expect(withServerClient(plain, {}, clients)).toEqual({})
  })
})
