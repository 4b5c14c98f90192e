import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { vendorFetch } from '../vendor-fetch.ts'
import { type Dropbox, startDropbox } from './start-dropbox.ts'
import { type Client, clientOf, refusalOf, summaryOf, textOf } from './testing-client.ts'

let dropbox: Dropbox
let client: Client
beforeEach(async () => {
  dropbox = await startDropbox()
  client = clientOf(dropbox)
  dropbox.seed({ '/Photos/one.jpg': 'one', '/Photos/two.jpg': 'two' })
})
afterEach(() => dropbox.close())

describe('links', () => {
  it('a link is made once, is told again with the refusal, is listed and opens the file', async () => {
    const { result } = await client.sharingCreateSharedLinkWithSettings({ path: '/photos/one.jpg' })
    expect(result).toMatchObject({
      '.tag': 'file',
      name: 'one.jpg',
      path_lower: '/photos/one.jpg',
      size: 3,
      link_permissions: { resolved_visibility: { '.tag': 'public' }, can_revoke: true },
    })
    expect(await refusalOf(client.sharingCreateSharedLinkWithSettings({ path: '/photos/one.jpg' }))).toMatchObject({
      summary: 'shared_link_already_exists/metadata',
      error: { shared_link_already_exists: { '.tag': 'metadata', metadata: { url: result.url } } },
    })
    const { links } = (await client.sharingListSharedLinks({ path: '/Photos/one.jpg', direct_only: true })).result
    expect(links.map(({ url }) => url)).toEqual([result.url])
    const url = result.url.replace('dl=0', 'dl=1')
    expect((await client.sharingGetSharedLinkMetadata({ url })).result).toMatchObject({ id: result.id })
    expect(textOf((await client.sharingGetSharedLinkFile({ url })).result)).toBe('one')
    const anybody = vendorFetch(dropbox.routes)
    expect(await (await anybody(url)).text()).toBe('one')
    expect(await (await anybody(result.url)).text()).toContain('<p>one.jpg')
    await client.sharingRevokeSharedLink({ url })
    expect((await anybody(url)).status).toBe(404)
    expect(await summaryOf(client.sharingGetSharedLinkMetadata({ url }))).toBe('shared_link_not_found')
  })

  it('a link to a folder opens what is in it', async () => {
    const { url } = (await client.sharingCreateSharedLinkWithSettings({ path: '/Photos' })).result
    expect(textOf((await client.sharingGetSharedLinkFile({ url, path: '/two.jpg' })).result)).toBe('two')
    expect(await summaryOf(client.sharingGetSharedLinkFile({ url }))).toBe('shared_link_is_directory')
    expect(await summaryOf(client.sharingGetSharedLinkFile({ url, path: '/three.jpg' }))).toBe('shared_link_not_found')
    const { links } = (await client.sharingListSharedLinks({ path: '/Photos/one.jpg' })).result
    expect(links).toHaveLength(1)
    expect((await client.sharingListSharedLinks({ path: '/Photos/one.jpg', direct_only: true })).result.links).toEqual(
      [],
    )
  })

  it('what costs money, or makes no sense, is refused', async () => {
    const make = (settings: object) =>
      summaryOf(client.sharingCreateSharedLinkWithSettings({ path: '/Photos', settings }))
    expect(await make({ require_password: true })).toBe('settings_error/invalid_settings')
    expect(await make({ expires: '2000-01-01T00:00:00Z' })).toBe('settings_error/invalid_settings')
    expect(await make({ expires: '2999-01-01T00:00:00Z' })).toBe('settings_error/not_authorized')
    expect(await summaryOf(client.sharingCreateSharedLinkWithSettings({ path: '/nothing' }))).toBe('path/not_found')
  })

  it('the links of a team have passwords and ends', async () => {
    const team = await startDropbox({ team: true })
    try {
      team.seed({ '/a': 'x' })
      const soon = new Date(Date.now() + 60_000).toISOString().replace(/\.\d+/, '')
      const settings = { require_password: true, link_password: 'secret', expires: soon }
      const { url } = (await clientOf(team).sharingCreateSharedLinkWithSettings({ path: '/a', settings })).result
      const tomorrow = new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+/, '')
      const later = await clientOf(team).sharingModifySharedLinkSettings({ url, settings: { expires: tomorrow } })
      expect(later.result).toMatchObject({
        expires: tomorrow,
        link_permissions: { resolved_visibility: { '.tag': 'password' } },
      })
      await clientOf(team).sharingModifySharedLinkSettings({ url, settings: { expires: soon } })
      team.addMember('tami@example.com')
      const other = clientOf(team, { accessToken: team.issueToken({ account: 'tami@example.com' }).accessToken })
      expect(await summaryOf(other.sharingGetSharedLinkMetadata({ url }))).toBe('shared_link_access_denied')
      const { result } = await other.sharingGetSharedLinkMetadata({ url, link_password: 'secret' })
      expect(result).toMatchObject({ expires: soon, link_permissions: { resolved_visibility: { '.tag': 'password' } } })
      expect(result).not.toHaveProperty('path_lower')
      team.tree.setClock(Date.now() + 61_000)
      expect(await summaryOf(other.sharingGetSharedLinkMetadata({ url, link_password: 'secret' }))).toBe(
        'shared_link_not_found',
      )
    } finally {
      await team.close()
    }
  })
})

describe('what others share', () => {
  it('folders are listed in pages, mounted once, and are then there', async () => {
    const shared = dropbox.addSharedFolder('Work', '84528192421')
    dropbox.addSharedFolder('Other', '84528192422', { mountable: false })
    dropbox.tree.addFile({ name: 'plan.txt', parents: [shared.id], bytes: Buffer.from('plan') })
    const first = (await client.sharingListFolders({ limit: 1 })).result
    expect(first.entries).toMatchObject([{ name: 'Work', shared_folder_id: '84528192421' }])
    expect(first.entries[0]).not.toHaveProperty('path_lower')
    const rest = (await client.sharingListFoldersContinue({ cursor: first.cursor ?? '' })).result
    expect(rest.entries.map(({ name }) => name)).toEqual(['Other'])
    expect(rest).not.toHaveProperty('cursor')
    expect(await summaryOf(client.sharingListFoldersContinue({ cursor: 'none' }))).toBe('invalid_cursor')

    expect(await summaryOf(client.filesListFolder({ path: '/Work' }))).toBe('path/not_found')
    const mounted = (await client.sharingMountFolder({ shared_folder_id: '84528192421' })).result
    expect(mounted.path_lower).toBe('/work')
    const { entries } = (await client.filesListFolder({ path: '/Work' })).result
    expect(entries).toMatchObject([{ name: 'plan.txt', sharing_info: { parent_shared_folder_id: '84528192421' } }])
    expect(await summaryOf(client.sharingMountFolder({ shared_folder_id: '84528192421' }))).toBe('already_mounted')
    expect(await summaryOf(client.sharingMountFolder({ shared_folder_id: '84528192422' }))).toBe('not_mountable')
    expect(await summaryOf(client.sharingMountFolder({ shared_folder_id: '1' }))).toBe('access_error/invalid_id')
    expect(await summaryOf(client.filesCopyV2({ from_path: '/Work', to_path: '/Copy' }))).toBe(
      'cant_copy_shared_folder',
    )
    const without = { path: '', recursive: true, include_mounted_folders: false }
    const seen = (await client.filesListFolder(without)).result.entries.map(({ name }) => name)
    expect(seen).toEqual(['Photos', 'one.jpg', 'two.jpg', 'Work'])
    const space = clientOf(dropbox, { pathRoot: { '.tag': 'namespace_id', namespace_id: '84528192421' } })
    expect((await space.filesGetMetadata({ path: '/plan.txt' })).result.path_lower).toBe('/plan.txt')
  })

  it('a shared folder goes nowhere inside of another one, and whoever deletes it can mount it again', async () => {
    dropbox.addSharedFolder('One', '1', { mounted: true })
    dropbox.addSharedFolder('Two', '2', { mounted: true })
    expect(await summaryOf(client.filesMoveV2({ from_path: '/One', to_path: '/Two/One' }))).toBe(
      'cant_nest_shared_folder',
    )
    await client.filesMoveV2({ from_path: '/One', to_path: '/Photos/One' })
    expect(await summaryOf(client.filesCopyV2({ from_path: '/Photos', to_path: '/More' }))).toBe(
      'cant_copy_shared_folder',
    )
    await client.filesDeleteV2({ path: '/Photos/One' })
    const { entries } = (await client.sharingListFolders({})).result
    expect(entries.map(({ name, path_lower: path }) => [name, path])).toEqual([
      ['One', undefined],
      ['Two', '/two'],
    ])
    await client.sharingMountFolder({ shared_folder_id: '1' })
    expect((await client.filesGetMetadata({ path: '/One' })).result['.tag']).toBe('folder')
  })

  it('nothing is written where only reading is allowed', async () => {
    dropbox.addSharedFolder('Read', '5', { readOnly: true, mounted: true })
    expect(await summaryOf(client.filesUpload({ path: '/Read/a', contents: 'x' }))).toBe('path/no_write_permission')
    expect(await summaryOf(client.filesCreateFolderV2({ path: '/Read/a/b' }))).toBe('path/no_write_permission')
    const { result } = await client.filesGetMetadata({ path: '/read' })
    expect(result).toMatchObject({ sharing_info: { read_only: true, shared_folder_id: '5' } })
  })

  it('files are listed, and read by their links, whole', async () => {
    const url = dropbox.addReceivedFile('theirs.txt', Buffer.from('theirs'))
    dropbox.addReceivedFile('more.txt', Buffer.from('more'))
    const { result } = await client.sharingListReceivedFiles({ limit: 1 })
    expect(result.entries).toMatchObject([{ name: 'theirs.txt', preview_url: url }])
    const rest = (await client.sharingListReceivedFilesContinue({ cursor: result.cursor ?? '' })).result
    expect(rest.entries.map(({ name }) => name)).toEqual(['more.txt'])
    const part = await client.sharingGetSharedLinkFile({ url }, { extraHeaders: { range: 'bytes=0-1' } })
    expect([part.status, textOf(part.result)]).toEqual([200, 'theirs'])
  })
})
