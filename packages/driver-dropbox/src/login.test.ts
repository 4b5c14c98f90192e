import { parsePath, root, StorageError } from '@filegate/core'
import { isGrantLost, parseBlob } from '@filegate/core/oauth'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { vendorFetch } from '../../../test/simulators/vendor-fetch.ts'
import { type SimulatedDropbox, startSimulatedDropbox } from './testing/simulated-dropbox.ts'

let service: SimulatedDropbox
let team: SimulatedDropbox
beforeAll(async () => {
  service = await startSimulatedDropbox()
  team = await startSimulatedDropbox({ team: true })
  service.seed({ '/file.txt': 'content' })
})
beforeEach(() => {
  service.forget()
  team.forget()
})
afterAll(async () => {
  await service.close()
  await team.close()
})

const client = (of: SimulatedDropbox) => ({ client_id: of.app.key, client_secret: of.app.secret })

/** A blob that holds for no second more. */
const expired = (blob: string): string => JSON.stringify({ ...JSON.parse(blob), expiry: '2020-01-01T00:00:00Z' })

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a token', () => {
  it('that has expired is renewed with the client, and kept before it is used', async () => {
    const kept: string[] = []
    const token = expired(service.issueToken().blob)
    const driver = await service.connect(
      { token, ...client(service) },
      {
        saveToken: async (blob) => {
          expect(service.count('files/list_folder')).toBe(0)
          kept.push(blob)
        },
      },
    )
    expect((await driver.list(root)).items).toHaveLength(1)
    expect(service.count('oauth2/token')).toBe(1)
    const [renewed = ''] = kept
    expect(parseBlob(renewed).refresh).toBe(parseBlob(token).refresh)
    expect(parseBlob(renewed).expires).toBeGreaterThan(Date.now())
    expect(service.requests[0]?.url).not.toContain(service.app.secret)
  })

  it('that the vendor ends early is renewed once, and the call made again', async () => {
    const driver = await service.connect()
    service.endTokens()
    service.forget()
    const lists = await Promise.all([driver.list(root), driver.list(root), driver.list(root)])
    expect(lists.map(({ items }) => items.length)).toEqual([1, 1, 1])
    expect(service.count('oauth2/token')).toBe(1)
  })

  it('is renewed at token_url where that is given', async () => {
    const fetch = vendorFetch({ ...service.routes, 'tokens.example': service.endpoint })
    const asked: string[] = []
    const seeing: typeof fetch = (input, init) => {
      asked.push(new URL(input instanceof Request ? input.url : input).href)
      return fetch(asked.at(-1) ?? '', init)
    }
    const options = { token: expired(service.issueToken().blob), ...client(service) }
    const renewing = service.connect(
      { ...options, token_url: 'https://tokens.example/oauth2/token' },
      { fetch: seeing },
    )
    await failure(renewing)
    expect(asked[0]).toBe('https://tokens.example/oauth2/token')
  })

  it('alone is taken, and ends in a request to allow access anew', async () => {
    const { accessToken } = service.issueToken()
    const driver = await service.connect({ token: accessToken }, { renewToken: async (renew) => renew(accessToken) })
    expect((await driver.list(root)).items).toHaveLength(1)
    service.endTokens()
    const error = await failure(driver.list(root))
    expect([isGrantLost(error), error]).toMatchObject([true, { code: 'Unauthenticated' }])
  })

  it('whose grant was taken back ends in a request to allow access anew', async () => {
    const issued = service.issueToken()
    const driver = await service.connect({ token: issued.blob, ...client(service) })
    service.revoke(issued.refreshToken)
    const error = await failure(driver.list(root))
    expect([isGrantLost(error), StorageError.is(error, 'Unauthenticated')]).toEqual([true, true])
  })

  it('that the vendor never accepts ends so, too, and not in a circle', async () => {
    const driver = await service.connect()
    service.fail({ route: 'files/list_folder', with: 'invalid_access_token', times: 2 })
    expect(isGrantLost(await failure(driver.list(root)))).toBe(true)
    expect(service.count('files/list_folder')).toBe(3)
  })

  it('that is none is told so', async () => {
    await expect(service.connect({ token: 'a=b' })).rejects.toThrow('token: must be')
    await expect(service.connect({ token: '{"access_token":"two words"}' })).rejects.toThrow('token: is none')
  })

  it('that is missing is asked for', async () => {
    expect(isGrantLost(await failure(service.connect({ token: '' })))).toBe(true)
  })

  it('that cannot be renewed without the client says so', async () => {
    const error = await failure(service.connect({ token: expired(service.issueToken().blob) }))
    expect(error).toMatchObject({ message: expect.stringContaining('client_id') })
  })

  it('of an unknown client is refused in words that name the options', async () => {
    const options = { token: expired(service.issueToken().blob), client_id: 'nobody', client_secret: 'marker' }
    const error = await failure(service.connect(options))
    expect(error).toMatchObject({ code: 'Unauthenticated', message: expect.stringContaining('client_id') })
    expect(String(error)).not.toContain('marker')
  })

  it('that lacks a scope names it, on connecting and later', async () => {
    const without = (scope: string): string =>
      service.issueToken({ scopes: ['files.metadata.read', 'files.content.read'].filter((one) => one !== scope) }).blob
    const connecting = service.connect({ token: without('files.metadata.read') })
    await expect(connecting).rejects.toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('files.metadata.read'),
    })
    const driver = await service.connect({ token: without('') })
    await expect(driver.about?.(root)).rejects.toThrow('account_info.read')
  })
})

describe('client_credentials', () => {
  it('are asked for, and what the vendor says of that is told', async () => {
    const connecting = service.connect({ token: '', client_credentials: true, ...client(service) })
    await expect(connecting).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('client_credentials'),
    })
    expect(service.requests[0]).toMatchObject({ argument: { grant_type: 'client_credentials' } })
  })
})

describe('impersonate', () => {
  it('works as the member of the team with that address', async () => {
    const ada = team.addMember('ada@example.com')
    const token = team.issueToken({ team: true }).blob
    const driver = await team.connect({ token, impersonate: 'ada@example.com' })
    await driver.makeDirectory?.(parsePath('of ada'))
    expect((await driver.list(root)).items.map(({ name }) => name)).toEqual(['of ada'])
    const last = team.requests.at(-1)
    expect(last?.headers['dropbox-api-select-user']).toBe(ada.memberId)
    expect(team.requests[0]).toMatchObject({ route: 'team/members/get_info' })
    expect(team.requests[0]?.headers).not.toHaveProperty('dropbox-api-select-user')
  })

  it('is asked for with the token of a team, and refused with that of an account', async () => {
    const token = team.issueToken({ team: true }).blob
    await expect(team.connect({ token })).rejects.toThrow('impersonate: the token is one of a team')
    const connecting = service.connect({ token: service.issueToken().blob, impersonate: 'ada@example.com' })
    await expect(connecting).rejects.toThrow(/impersonate|members\.read/)
  })

  it('names the option where there is no such member, and the scope where that is missing', async () => {
    const token = team.issueToken({ team: true }).blob
    await expect(team.connect({ token, impersonate: 'nobody@example.com' })).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('impersonate'),
    })
    const narrow = team.issueToken({ team: true, scopes: ['files.metadata.read'] }).blob
    await expect(team.connect({ token: narrow, impersonate: 'franz@example.com' })).rejects.toThrow('members.read')
  })
})

describe('root_namespace', () => {
  it('stands at the root of every call', async () => {
    const [franz] = team.accounts
    const driver = await team.connect({ root_namespace: franz?.root ?? '' })
    const names = (await driver.list(root)).items.map(({ name }) => name)
    expect(names).toContain('Franz Ferdinand')
    const roots = new Set(team.requests.map(({ headers }) => headers['dropbox-api-path-root']))
    expect([...roots]).toEqual([`{".tag":"namespace_id","namespace_id":"${franz?.root}"}`])
  })

  it('that is not there names the option', async () => {
    await expect(service.connect({ root_namespace: '999' })).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('root_namespace'),
    })
  })
})
