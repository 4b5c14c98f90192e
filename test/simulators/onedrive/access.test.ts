import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OneDrive, startOneDrive } from './start-onedrive.ts'
import { plainClient } from './testing-client.ts'

let onedrive: OneDrive
beforeEach(async () => {
  onedrive = await startOneDrive({ drives: [{ type: 'business' }, { type: 'documentLibrary', name: 'Documents' }] })
})
afterEach(() => onedrive.close())

const asking = (token: string) => plainClient(onedrive, token)

describe('a token', () => {
  it('must be there, be one, be good still, and be for this', async () => {
    const other = await startOneDrive()
    const refused = [
      [asking(''), 'Access token is empty.'],
      [asking('nonsense'), 'CompactToken parsing failed'],
      [asking(onedrive.issueToken({ lifetime: -5 })), 'expired'],
      [asking(onedrive.issueToken({ resource: 'https://graph.microsoft.us' })), 'Invalid audience'],
      [asking(other.issueToken()), 'Issuer'],
    ] as const
    for (const [ask, message] of refused) {
      const answer = await ask('GET', '/me/drive')
      expect(answer).toMatchObject({ status: 401, code: 'InvalidAuthenticationToken' })
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /)
      expect(JSON.stringify(answer.json)).toContain(message)
    }
    await other.close()
  })

  it.each<[string, readonly string[], number, number, number]>([
    ['Files.Read', ['Files.Read'], 200, 403, 403],
    ['Files.ReadWrite', ['Files.ReadWrite'], 200, 201, 403],
    ['Files.Read.All', ['Files.Read.All'], 200, 403, 200],
    ['Files.ReadWrite.All', ['Files.ReadWrite.All'], 200, 201, 200],
    ['Sites.Read.All', ['Sites.Read.All'], 200, 403, 200],
    ['nothing of files', ['User.Read'], 403, 403, 403],
  ])('for %s opens that', async (_, scopes, reading, writing, library) => {
    const ask = asking(onedrive.issueToken({ scopes }))
    expect((await ask('GET', '/me/drive/root')).status).toBe(reading)
    expect((await ask('POST', '/me/drive/root/children', { name: 'a', folder: {} })).status).toBe(writing)
    expect((await ask('GET', `/drives/${onedrive.drives[1]?.id}/root`)).status).toBe(library)
  })

  it('of an application on its own opens drives that it names, and has none itself', async () => {
    await onedrive.close()
    onedrive = await startOneDrive({
      driveType: 'business',
      applications: [{ clientId: 'daemon', secret: 'secret', roles: ['Files.Read.All'] }],
    })
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'daemon',
      client_secret: 'secret',
      scope: 'https://graph.microsoft.com/.default',
    })
    const { entra } = onedrive
    const response = await fetch(`${entra.plain}/${entra.tenant}/oauth2/v2.0/token`, { method: 'POST', body })
    const granted: unknown = await response.json()
    const token =
      typeof granted === 'object' && granted !== null && 'access_token' in granted ? granted.access_token : ''
    const ask = asking(String(token))
    const drive = `/drives/${onedrive.drives[0]?.id}`
    expect(await ask('GET', `${drive}/root`)).toMatchObject({ status: 200 })
    expect(await ask('POST', `${drive}/root/children`, { name: 'a', folder: {} })).toMatchObject({ status: 403 })
    expect(await ask('GET', '/me/drive')).toMatchObject({ status: 400, code: 'BadRequest' })
  })
})

describe('clouds', () => {
  it('have hosts of their own, and tokens', async () => {
    const ask = asking(onedrive.issueToken({ resource: 'https://graph.microsoft.us' }))
    const { json } = await ask('PUT', 'https://graph.microsoft.us/v1.0/me/drive/root:/a:/content', 'x')
    expect(json['@microsoft.graph.downloadUrl']).toMatch(/^https:\/\/contoso-my\.sharepoint\.us\//)
    expect(await ask('GET', String(json['@microsoft.graph.downloadUrl']))).toMatchObject({ status: 200 })
  })

  it('of 21Vianet lacks delta and paths after ids', async () => {
    const resource = 'https://microsoftgraph.chinacloudapi.cn'
    const ask = asking(onedrive.issueToken({ resource }))
    const root = `${resource}/v1.0/drives/${onedrive.drives[0]?.id}`
    expect(await ask('PUT', `${root}/root/children('a')/content`, 'x')).toMatchObject({ status: 201 })
    expect(await ask('GET', `${root}/items/root:/a:`)).toMatchObject({ status: 400 })
    expect(await ask('GET', `${root}/root/delta`)).toMatchObject({ status: 501 })
  })
})

describe('failures', () => {
  it('come when a test wants them, to the operation that it names, and are recorded', async () => {
    const ask = asking(onedrive.issueToken())
    onedrive.fail({ code: 'activityLimitReached', retryAfter: 3, times: 2, operation: 'list children' })
    onedrive.fail({ code: 'generalException', status: 502, operation: 'get item' })
    expect(await ask('GET', '/me/drive')).toMatchObject({ status: 200 })
    const throttled = await ask('GET', '/me/drive/root/children')
    expect(throttled).toMatchObject({ status: 429, code: 'activityLimitReached', inner: 'throttledRequest' })
    expect(throttled.headers.get('retry-after')).toBe('3')
    expect(await ask('GET', '/me/drive/root/children')).toMatchObject({ status: 429 })
    expect(await ask('GET', '/me/drive/root/children')).toMatchObject({ status: 200 })
    expect(await ask('GET', '/me/drive/root')).toMatchObject({ status: 502 })
    expect(onedrive.requests.map(({ operation, status, error }) => [operation, status, error])).toEqual([
      ['get drive', 200, undefined],
      ['list children', 429, 'activityLimitReached'],
      ['list children', 429, 'activityLimitReached'],
      ['list children', 200, undefined],
      ['get item', 502, 'generalException'],
    ])
    onedrive.forget()
    expect(onedrive.requests).toEqual([])
  })
})

it('lists the drives of a user and the libraries', async () => {
  const ask = asking(onedrive.issueToken())
  const { json } = await ask('GET', '/me/drives?$select=name,driveType')
  expect(json.value).toEqual([
    { name: 'OneDrive', driveType: 'business' },
    { name: 'Documents', driveType: 'documentLibrary' },
  ])
})
