import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OneDrive, type OneDriveOptions, startOneDrive } from './start-onedrive.ts'
import { plainClient } from './testing-client.ts'

let onedrive: OneDrive
let ask: ReturnType<typeof plainClient>
/** Address of a file. */
let file: string

async function start(options: OneDriveOptions): Promise<void> {
  onedrive = await startOneDrive(options)
  ask = plainClient(onedrive)
  const { json } = await ask('PUT', '/me/drive/root:/a.txt:/content', 'shared')
  file = `/me/drive/items/${String(json.id)}`
}
beforeEach(() => start({ driveType: 'business' }))
afterEach(() => onedrive.close())

describe('links', () => {
  it('are made once for each kind', async () => {
    const first = await ask('POST', `${file}/createLink`, { type: 'view', scope: 'anonymous' })
    expect(first).toMatchObject({ status: 201, json: { roles: ['read'], link: { scope: 'anonymous' } } })
    const again = await ask('POST', `${file}/createLink`, { type: 'view', scope: 'anonymous' })
    expect(again).toMatchObject({ status: 200, json: { id: first.json.id } })
    const edit = await ask('POST', `${file}/createLink`, { type: 'edit', expirationDateTime: '2030-01-01T00:00:00Z' })
    expect(edit).toMatchObject({
      status: 201,
      json: { roles: ['write'], link: { scope: 'organization' }, expirationDateTime: '2030-01-01T00:00:00Z' },
    })
  })

  it.each([
    [{ type: 'embed' }],
    [{ type: 'view', password: 'secret' }],
    [{ type: 'own' }],
    [{ scope: 'everybody' }],
    [{ nonsense: 1 }],
    [{ expirationDateTime: 'tomorrow' }],
  ])('of business drives are not made from %j', async (body) => {
    expect(await ask('POST', `${file}/createLink`, body)).toMatchObject({ status: 400, code: 'invalidRequest' })
  })

  it('for everybody can be forbidden by the administrator', async () => {
    await onedrive.close()
    await start({ driveType: 'business', anonymousLinks: false })
    const refused = await ask('POST', `${file}/createLink`, { type: 'view', scope: 'anonymous' })
    expect(refused).toMatchObject({ status: 403, code: 'accessDenied', inner: 'sharingDisabled' })
  })

  it('of personal drives have passwords and can be embedded, but are of no organization', async () => {
    await onedrive.close()
    await start({ driveType: 'personal' })
    const made = await ask('POST', `${file}/createLink`, { type: 'embed', password: 'secret' })
    expect(made).toMatchObject({
      status: 201,
      json: { hasPassword: true, link: { webHtml: expect.stringContaining('iframe') } },
    })
    expect(await ask('POST', `${file}/createLink`, { scope: 'organization' })).toMatchObject({ status: 400 })
  })

  it('lead to the item, by their address and by their id', async () => {
    const { json } = await ask('POST', `${file}/createLink`, { type: 'view', scope: 'anonymous' })
    const { link, shareId } = json
    const webUrl = link instanceof Object && 'webUrl' in link ? String(link.webUrl) : ''
    const bob = plainClient(onedrive, onedrive.issueToken({ user: 'bob@contoso.com' }))
    for (const id of [String(shareId), `u!${Buffer.from(webUrl).toString('base64url')}`]) {
      expect(await bob('GET', `/shares/${id}`)).toMatchObject({ status: 200, json: { name: 'a.txt' } })
      expect(await bob('GET', `/shares/${id}/driveItem`)).toMatchObject({ status: 200, json: { size: 6 } })
    }
    expect(await bob('GET', '/shares/u!nonsense')).toMatchObject({ status: 404 })
  })
})

describe('permissions', () => {
  it('are given by invitation, changed and taken away', async () => {
    const invited = await ask('POST', `${file}/invite`, {
      recipients: [{ email: 'bob@contoso.com' }],
      roles: ['read'],
      requireSignIn: true,
      sendInvitation: false,
    })
    expect(invited).toMatchObject({
      status: 200,
      json: { value: [{ roles: ['read'], invitation: { email: 'bob@contoso.com' } }] },
    })
    const { json } = await ask('GET', `${file}/permissions`)
    expect(json).toMatchObject({ value: [{ roles: ['owner'] }, { roles: ['read'] }] })
    const id = Array.isArray(json.value) ? json.value[1].id : ''
    expect(await ask('PATCH', `${file}/permissions/${id}`, { roles: ['write'] })).toMatchObject({
      json: { roles: ['write'] },
    })
    expect(await ask('PATCH', `${file}/permissions/${id}`, { roles: ['admin'] })).toMatchObject({ status: 400 })
    expect(await ask('GET', `${file}/permissions/${id}`)).toMatchObject({ json: { roles: ['write'] } })
    expect(await ask('DELETE', `${file}/permissions/${id}`)).toMatchObject({ status: 204 })
    expect(await ask('GET', `${file}/permissions/${id}`)).toMatchObject({ status: 404 })
    expect(await ask('DELETE', `${file}/permissions/owner`)).toMatchObject({ status: 403 })
  })

  it('of a folder are those of what is in it, and changed only there', async () => {
    const { json } = await ask('POST', '/me/drive/root/children', { name: 'folder', folder: {} })
    await ask('PUT', '/me/drive/root:/folder/inside:/content', 'x')
    await ask('POST', `/me/drive/items/${String(json.id)}/invite`, {
      recipients: [{ email: 'bob@contoso.com' }],
      roles: ['read'],
    })
    const listed = await ask('GET', '/me/drive/root:/folder/inside:/permissions')
    expect(listed.json.value).toHaveLength(2)
    const id = Array.isArray(listed.json.value) ? listed.json.value[1].id : ''
    expect(await ask('DELETE', `/me/drive/root:/folder/inside:/permissions/${id}`)).toMatchObject({ status: 403 })
  })

  it.each([
    [{ roles: ['read'], recipients: [] }],
    [{ roles: [], recipients: [{ email: 'bob@contoso.com' }] }],
    [{ roles: ['owner'], recipients: [{ email: 'bob@contoso.com' }] }],
    [{ roles: ['read'], recipients: [{ phone: '1' }] }],
    [{ roles: ['read'], recipients: [{}] }],
  ])('are not given by %j', async (body) => {
    expect(await ask('POST', `${file}/invite`, body)).toMatchObject({ status: 400, code: 'invalidRequest' })
  })
})

describe('what somebody else has', () => {
  it('is reached when it was shared, by who may see more than the own drive', async () => {
    await onedrive.close()
    await start({ drives: [{ type: 'personal' }, { type: 'personal', owner: 'bob@contoso.com' }] })
    const [mine, theirs] = onedrive.drives
    if (mine === undefined || theirs === undefined) throw new Error('There are two drives.')
    const folder = onedrive.tree.addFolder({ name: 'of bob', parents: [theirs.root] })
    const path = `/drives/${theirs.id}/items/${folder.id}`
    expect(await ask('GET', path)).toMatchObject({ status: 403, code: 'accessDenied' })
    onedrive.share(folder.id, 'ann@contoso.com')
    onedrive.addShortcut(folder.id, { name: 'shortcut', parent: mine.root })
    expect(await ask('GET', path)).toMatchObject({ status: 200, json: { folder: { childCount: 0 } } })
    expect(await ask('POST', `${path}/children`, { name: 'new', folder: {} })).toMatchObject({ status: 403 })
    expect(await ask('GET', `/drives/${theirs.id}/root/children`)).toMatchObject({ status: 403 })
    const narrow = plainClient(onedrive, onedrive.issueToken({ scopes: ['Files.ReadWrite'] }))
    expect(await narrow('GET', path)).toMatchObject({ status: 403 })
    const remoteItem = { id: folder.id, parentReference: { driveId: theirs.id }, folder: {} }
    expect(await ask('GET', '/me/drive/sharedWithMe')).toMatchObject({
      json: { value: [{ id: folder.id, remoteItem }] },
    })
    const shortcut = await ask('GET', '/me/drive/root:/shortcut')
    expect(shortcut).toMatchObject({ status: 200, json: { remoteItem } })
    expect(shortcut.json).not.toHaveProperty('folder')
  })
})
