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
      await expect(userFlow(definition, {}, {})).rejects.toThrow(`--oauth-client ${definition.slug}=ID`)
    })

    it('is not needed with a token, unless it is to be replaced', async () => {
      const given = { token: '{"access_token":"a"}', client_id: 'mine', client_secret: 's' }
      expect(await userFlow(definition, given, clients)).toBeUndefined()
      expect(await newUserFlow(definition, given, clients)).toMatchObject({ client: { id: 'mine', secret: 's' } })
    })

    it('goes to the addresses of the options with their client only', async () => {
      const own = { auth_url: 'https://mine.example/a', token_url: 'https://mine.example/t' }
      await expect(userFlow(definition, own, clients)).rejects.toThrow('of your own')
      expect(await userFlow(definition, { ...own, client_id: 'mine' }, clients)).toMatchObject({
        page: own.auth_url,
        client: { id: 'mine', secret: '', tokenUrl: own.token_url },
      })
    })
  },
)

describe('the client of the server', () => {
  const [definition] = all.filter(({ oauth }) => oauth)
  if (!definition) throw new Error('some vendors have OAuth')

  it.each([
    { token_url: 'https://mine.example/' },
    { auth_url: 'https://mine.example/' },
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
