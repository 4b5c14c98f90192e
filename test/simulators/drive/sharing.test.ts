import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type SimulatedDrive, startDrive } from './start-drive.ts'
import { answerOf, clientOf, type DriveClient, refusalOf, send } from './testing-client.ts'

let service: SimulatedDrive
let client: DriveClient

beforeEach(async () => {
  service = await startDrive()
  client = clientOf(service)
})
afterEach(() => service.close())

describe('changes', () => {
  async function changesSince(pageToken: string, more: object = {}) {
    const { data } = await client.changes.list({ pageToken, ...more })
    const changes = (data.changes ?? []).map(({ fileId, removed, file }) => [fileId, removed, file?.name])
    return { changes, next: data.newStartPageToken ?? '', page: data.nextPageToken }
  }
  const start = async (more: object = {}): Promise<string> =>
    (await answerOf(client.changes.getStartPageToken(more))).data.startPageToken ?? ''

  it('tell of each file once, as it is now, and of what is gone', async () => {
    const token = await start()
    const { id } = service.add({ name: 'a' })
    await client.files.update({ fileId: id, requestBody: { name: 'b' } })
    const first = await changesSince(token)
    expect(first.changes).toEqual([[id, false, 'b']])
    expect((await changesSince(first.next)).changes).toEqual([])
    await client.files.delete({ fileId: id })
    expect((await changesSince(first.next)).changes).toEqual([[id, true, undefined]])
    expect((await changesSince(first.next, { includeRemoved: false })).changes).toEqual([])
  })

  it('come in pages', async () => {
    const token = await start()
    for (const name of ['a', 'b', 'c']) service.add({ name })
    const first = await changesSince(token, { pageSize: 2 })
    expect([first.changes.length, first.next]).toEqual([2, ''])
    expect((await changesSince(first.page ?? '', { pageSize: 2 })).changes).toHaveLength(1)
  })

  it('of a shared drive have tokens of their own', async () => {
    const { id: driveId } = service.addDrive({ name: 'Team' })
    const all = { supportsAllDrives: true, includeItemsFromAllDrives: true, driveId }
    const [mine, theirs] = [await start(), await start({ driveId, supportsAllDrives: true })]
    const { id } = service.add({ name: 'in the drive', parent: driveId })
    expect((await changesSince(theirs, all)).changes).toEqual([[id, false, 'in the drive']])
    expect((await changesSince(mine)).changes).toEqual([])
    expect(await refusalOf(client.changes.list({ pageToken: mine, ...all }))).toMatchObject({ location: 'pageToken' })
    expect(await refusalOf(client.changes.list({ pageToken: 'x' }))).toMatchObject({ status: 400 })
  })
})

describe('permissions', () => {
  it('are given, listed, changed and taken away', async () => {
    const { id: fileId } = service.add({ name: 'a', bytes: 'x' })
    const requestBody = { type: 'user', role: 'reader', emailAddress: 'you@example.com' }
    const made = await answerOf(client.permissions.create({ fileId, requestBody }))
    expect(made.data).toEqual({ kind: 'drive#permission', id: expect.any(String), type: 'user', role: 'reader' })
    const you = clientOf(service, service.issueToken(['drive'], 'you@example.com'))
    expect((await you.files.get({ fileId })).data).toMatchObject({ name: 'a' })
    const permissionId = made.data.id ?? ''
    await answerOf(client.permissions.update({ fileId, permissionId, requestBody: { role: 'writer' } }))
    const { data } = await client.permissions.list({ fileId, fields: 'permissions(role,emailAddress)' })
    expect(data.permissions).toEqual([
      { role: 'owner', emailAddress: 'me@example.com' },
      { role: 'writer', emailAddress: 'you@example.com' },
    ])
    await answerOf(client.permissions.delete({ fileId, permissionId }))
    expect(await refusalOf(you.files.get({ fileId }))).toMatchObject({ status: 404 })
    const link = { type: 'anyone', role: 'reader' }
    expect((await answerOf(client.permissions.create({ fileId, requestBody: link }))).data.id).toBe('anyoneWithLink')
    expect((await you.files.get({ fileId })).data).toMatchObject({ name: 'a' })
  })

  it('give a file away only when that is acknowledged', async () => {
    const { id: fileId } = service.add({ name: 'a' })
    const requestBody = { type: 'user', role: 'owner', emailAddress: 'you@example.com' }
    expect(await refusalOf(client.permissions.create({ fileId, requestBody }))).toMatchObject({
      status: 403,
      location: 'transferOwnership',
    })
    await answerOf(client.permissions.create({ fileId, requestBody, transferOwnership: true }))
    const { data } = await client.files.get({ fileId, fields: 'ownedByMe,owners/emailAddress,capabilities/canEdit' })
    expect(data).toEqual({
      ownedByMe: false,
      owners: [{ emailAddress: 'you@example.com' }],
      capabilities: { canEdit: true },
    })
    expect(await refusalOf(client.files.delete({ fileId }))).toMatchObject({ reason: 'insufficientFilePermissions' })
  })

  it('of shared drives are inherited, and know no owner', async () => {
    const { id: driveId } = service.addDrive({ name: 'Team', members: { 'me@example.com': 'fileOrganizer' } })
    const { id: fileId } = service.add({ name: 'a', parent: driveId })
    const all = { supportsAllDrives: true }
    const { data } = await client.permissions.list({ fileId, fields: 'permissions(role,permissionDetails)', ...all })
    const detail = { permissionType: 'member', role: 'fileOrganizer', inherited: true, inheritedFrom: driveId }
    expect(data.permissions).toEqual([{ role: 'fileOrganizer', permissionDetails: [detail] }])
    expect(await refusalOf(client.files.delete({ fileId, ...all }))).toMatchObject({ status: 403 })
    expect((await client.files.update({ fileId, requestBody: { trashed: true }, ...all })).status).toBe(200)
  })
})

describe('moving between people', () => {
  it('a shared drive owns what is moved into it, up to its limit', async () => {
    const { id: driveId } = service.addDrive({ name: 'Team', fileLimit: 1 })
    const [first, second] = ['a', 'b'].map((name) => service.add({ name }).id)
    const move = (fileId = '') =>
      client.files.update({
        fileId,
        addParents: driveId,
        removeParents: service.user.root,
        supportsAllDrives: true,
        fields: 'driveId,ownedByMe,owners',
      })
    expect((await move(first)).data).toEqual({ driveId })
    expect(await refusalOf(move(second))).toMatchObject({ status: 403, reason: 'teamDriveFileLimitExceeded' })
  })

  it('what others put into a folder stays theirs when the folder is deleted', async () => {
    const { id: parent } = service.add({ kind: 'folder', name: 'folder' })
    service.add({ name: 'mine', parent })
    const theirs = service.add({ name: 'theirs', parent, owner: 'you@example.com' })
    await client.files.update({ fileId: parent, requestBody: { trashed: true } })
    await client.files.emptyTrash({})
    expect(service.tree.get(parent)).toBeUndefined()
    expect(service.tree.pathOf(theirs.id)).toEqual(['theirs'])
    expect(service.tree.rootOf(theirs.id)).toBe(service.userOf('you@example.com').root)
  })
})

describe('labels', () => {
  it('are set, listed and removed as they are defined', async () => {
    service.addLabel({ id: 'L', fields: { colour: 'text', count: 'integer' } })
    const { id: fileId } = service.add({ name: 'a' })
    const set = (modification: object) =>
      client.files.modifyLabels({ fileId, requestBody: { labelModifications: [{ labelId: 'L', ...modification }] } })
    await set({ fieldModifications: [{ fieldId: 'colour', setTextValues: ['red'] }] })
    const { data } = await client.files.listLabels({ fileId })
    expect(data.labels).toMatchObject([{ id: 'L', fields: { colour: { valueType: 'text', text: ['red'] } } }])
    const shown = await client.files.get({ fileId, includeLabels: 'L', fields: 'labelInfo' })
    expect(shown.data.labelInfo?.labels).toHaveLength(1)
    expect(await refusalOf(set({ fieldModifications: [{ fieldId: 'count', setTextValues: ['x'] }] }))).toMatchObject({
      status: 400,
    })
    await set({ removeLabel: true })
    expect((await client.files.listLabels({ fileId })).data.labels).toEqual([])
  })
})

describe('version 2', () => {
  it('leads to a download', async () => {
    const { id } = service.add({ name: 'a', bytes: 'version two' })
    const { json } = await send(service, `/drive/v2/files/${id}?fields=downloadUrl`)
    const url = typeof json === 'object' && json !== null && 'downloadUrl' in json ? String(json.downloadUrl) : ''
    const part = await send(service, url, { headers: { range: 'bytes=8-' } })
    expect([part.status, String(part.bytes)]).toEqual([206, 'two'])
  })
})
