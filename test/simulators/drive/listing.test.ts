import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type SimulatedDrive, startDrive } from './start-drive.ts'
import { clientOf, type DriveClient, refusalOf } from './testing-client.ts'

const folderType = 'application/vnd.google-apps.folder'

let service: SimulatedDrive
let client: DriveClient

beforeEach(async () => {
  service = await startDrive({ pageLimit: 3 })
  client = clientOf(service)
})
afterEach(() => service.close())

interface Listing {
  readonly q?: string
  readonly orderBy?: string
  readonly spaces?: string
  readonly corpora?: string
  readonly driveId?: string
  readonly supportsAllDrives?: boolean
  readonly includeItemsFromAllDrives?: boolean
}

/** Names over all pages. */
async function names(listing: Listing = {}, asked: DriveClient = client): Promise<string[]> {
  const found: string[] = []
  let pageToken: string | undefined
  do {
    const parameters = { ...listing, ...(pageToken !== undefined && { pageToken }) }
    const { data } = await asked.files.list({ ...parameters, fields: 'nextPageToken,files(name)' })
    found.push(...(data.files ?? []).map(({ name }) => name ?? ''))
    pageToken = data.nextPageToken ?? undefined
  } while (pageToken !== undefined)
  return listing.orderBy === undefined ? found.sort() : found
}

describe('listings', () => {
  it('find what a search says', async () => {
    const folder = service.add({ kind: 'folder', name: 'Folder' })
    const a = service.add({ name: 'hello World.txt', parent: folder.id, mimeType: 'text/plain', modified: 1000 })
    service.add({ name: "it's \\ here", parent: folder.id, modified: Date.UTC(2020, 0, 1) })
    service.add({ name: 'elsewhere' })
    service.notes(a.id).starredBy = [service.user.email]
    service.notes(a.id).properties = { k: 'v' }
    const searches: readonly (readonly [string, readonly string[]])[] = [
      [`'${folder.id}' in parents`, ['hello World.txt', "it's \\ here"]],
      ["'root' in parents", ['Folder', 'elsewhere']],
      ["name = 'ELSEWHERE'", ['elsewhere']],
      ["name != 'elsewhere' and mimeType != 'application/vnd.google-apps.folder'", ['hello World.txt', "it's \\ here"]],
      ["name = 'it\\'s \\\\ here'", ["it's \\ here"]],
      ["name contains 'wor'", ['hello World.txt']],
      ["name contains 'orld'", []],
      ["mimeType contains 'text/'", ['hello World.txt']],
      [`mimeType = '${folderType}'`, ['Folder']],
      ["modifiedTime > '2020-01-01T00:00:00' and name != 'x'", ['Folder', 'elsewhere']],
      ["modifiedTime <= '2020-01-01T01:00:00+01:00'", ['hello World.txt', "it's \\ here"]],
      ['starred = true', ['hello World.txt']],
      ["properties has { key='k' and value='v' }", ['hello World.txt']],
      ["'me' in owners and not name contains 'e'", ['Folder', 'hello World.txt', "it's \\ here"]],
    ]
    for (const [q, expected] of searches) expect([q, await names({ q })]).toEqual([q, [...expected].sort()])
  })

  it('refuse searches that cannot be, and folders that are not there', async () => {
    for (const q of ["size > '3'", "name > 'a'", 'trashed = 1', "starred = 'true'", "modifiedTime > 'x'"]) {
      expect([q, await refusalOf(client.files.list({ q }))]).toMatchObject([q, { status: 400, reason: 'invalid' }])
    }
    const missing = client.files.list({ q: "'gone' in parents" })
    expect(await refusalOf(missing)).toMatchObject({ status: 404, message: 'File not found: .' })
  })

  it('come in the order that is asked for', async () => {
    for (const name of ['a12', 'a2', 'a1']) service.add({ name, bytes: name })
    service.add({ kind: 'folder', name: 'z' })
    expect(await names({ orderBy: 'name' })).toEqual(['a1', 'a12', 'a2', 'z'])
    expect(await names({ orderBy: 'folder,name_natural desc' })).toEqual(['z', 'a12', 'a2', 'a1'])
    expect(await names({ orderBy: 'quotaBytesUsed desc,name' })).toEqual(['a12', 'a1', 'a2', 'z'])
    const search = client.files.list({ orderBy: 'name', q: "fullText contains 'a'" })
    expect(await refusalOf(search)).toMatchObject({ status: 400, location: 'orderBy' })
  })

  it('have pages whose token is good for the same question only', async () => {
    for (let each = 0; each < 7; each += 1) service.add({ name: String(each) })
    const { data } = await client.files.list({ q: 'trashed = false' })
    expect(data.files).toHaveLength(3)
    const pageToken = data.nextPageToken ?? ''
    expect(await refusalOf(client.files.list({ pageToken }))).toMatchObject({ status: 400, location: 'pageToken' })
    expect(await names({ q: 'trashed = false' })).toHaveLength(7)
  })

  it('hold shared drives only for those who know of them', async () => {
    const { id } = service.addDrive({ name: 'Team' })
    const inDrive = service.add({ name: 'in the drive', parent: id })
    service.add({ name: 'mine' })
    const all = { supportsAllDrives: true, includeItemsFromAllDrives: true }
    expect(await names()).toEqual(['mine'])
    expect(await names(all)).toEqual(['in the drive', 'mine'])
    expect(await names({ ...all, corpora: 'drive', driveId: id })).toEqual(['in the drive'])
    expect(await names({ ...all, q: `'${id}' in parents` })).toEqual(['in the drive'])
    expect(await refusalOf(client.files.get({ fileId: inDrive.id }))).toMatchObject({ status: 404 })
    const shown = await client.files.get({
      fileId: inDrive.id,
      supportsAllDrives: true,
      fields: 'driveId,owners,shared',
    })
    expect(shown.data).toEqual({ driveId: id })
    const wrong = [
      { corpora: 'drive', ...all },
      { driveId: id, ...all },
      { corpora: 'drive', driveId: id },
      { includeItemsFromAllDrives: true },
      { corpora: 'all', ...all },
    ]
    for (const listing of wrong) expect(await refusalOf(client.files.list(listing))).toMatchObject({ status: 400 })
    const unknown = client.files.list({ ...all, corpora: 'drive', driveId: 'gone' })
    expect(await refusalOf(unknown)).toMatchObject({ status: 404, message: 'Shared drive not found: gone' })
    expect((await client.drives.list()).data.drives).toMatchObject([{ id, name: 'Team' }])
    expect(await refusalOf(client.drives.get({ driveId: 'gone' }))).toMatchObject({ status: 404 })
  })

  it('hold the application’s folder in its own space, for those with its scope', async () => {
    const app = clientOf(service, service.issueToken(['drive.appdata']))
    await app.files.create({ requestBody: { name: 'hidden', parents: ['appDataFolder'] } })
    expect(await names({ spaces: 'appDataFolder' }, app)).toEqual(['hidden'])
    expect(await names()).toEqual([])
    expect(await refusalOf(app.files.list())).toMatchObject({ status: 403, reason: 'insufficientScopes' })
    const without = client.files.list({ spaces: 'appDataFolder' })
    expect(await refusalOf(without)).toMatchObject({ status: 403, reason: 'insufficientScopes', location: 'spaces' })
  })

  it('show what others share, links only to those who hold their keys', async () => {
    const owner = 'you@example.com'
    const folder = service.add({ kind: 'folder', name: 'theirs', owner })
    const file = service.add({ name: 'inside', parent: folder.id, owner })
    expect(await names()).toEqual([])
    service.share(folder.id, { email: service.user.email, role: 'reader', time: 5000 })
    expect(await names({ q: 'sharedWithMe = true' })).toEqual(['theirs'])
    const fields = 'parents,ownedByMe,sharedWithMeTime,shared,capabilities/canEdit,sharingUser/emailAddress'
    expect((await client.files.get({ fileId: folder.id, fields })).data).toEqual({
      ownedByMe: false,
      shared: true,
      sharedWithMeTime: '1970-01-01T00:00:05.000Z',
      sharingUser: { emailAddress: owner },
      capabilities: { canEdit: false },
    })
    const rename = client.files.update({ fileId: file.id, requestBody: { name: 'x' } })
    expect(await refusalOf(rename)).toMatchObject({ status: 403, reason: 'insufficientFilePermissions' })

    const linked = service.add({ name: 'linked', owner })
    service.share(linked.id, { role: 'reader', resourceKey: '0-k' })
    expect(await refusalOf(client.files.get({ fileId: linked.id }))).toMatchObject({ status: 404 })
    const headers = { 'X-Goog-Drive-Resource-Keys': `other/1,${linked.id}/0-k` }
    const found = await client.files.get({ fileId: linked.id }, { headers })
    expect(found.data).toMatchObject({ name: 'linked', resourceKey: '0-k' })
  })

  it('show an application with the narrow scope what it made itself', async () => {
    service.add({ name: 'of the user' })
    const narrow = clientOf(service, service.issueToken(['drive.file']))
    await narrow.files.create({ requestBody: { name: 'of the application' } })
    expect(await names({}, narrow)).toEqual(['of the application'])
    expect(await names()).toEqual(['of the application', 'of the user'])
  })
})
