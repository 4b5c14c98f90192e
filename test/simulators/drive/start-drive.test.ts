import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type SimulatedDrive, startDrive } from './start-drive.ts'
import { answerOf, clientOf, type DriveClient, refusalOf, send, upload } from './testing-client.ts'

const folderType = 'application/vnd.google-apps.folder'
const shortcutType = 'application/vnd.google-apps.shortcut'

let service: SimulatedDrive
let client: DriveClient

beforeEach(async () => {
  service = await startDrive()
  client = clientOf(service)
})
afterEach(() => service.close())

const parentOf = async (name: string): Promise<string> => {
  const { data } = await client.files.create({ requestBody: { name, mimeType: folderType } })
  return data.id ?? ''
}

describe('files, asked for by the vendor’s client', () => {
  it('are created, shown as far as is asked for, and read whole and in part', async () => {
    const parent = await parentOf('a/b')
    const metadata = { name: 'c.txt', parents: [parent], modifiedTime: '2020-01-02T03:04:05.678Z' }
    const fields =
      'id,size,md5Checksum,sha1Checksum,sha256Checksum,modifiedTime,parents,mimeType,quotaBytesUsed,ownedByMe,capabilities/canEdit'
    const file = await upload(client, metadata, 'hello world', { fields })
    expect(file).toEqual({
      id: expect.any(String),
      size: '11',
      md5Checksum: '5eb63bbbe01eeed093cb22bb8f5acdc3',
      sha1Checksum: '2aae6c35c94fcfb415dbe95f408b9ce91ee846ed',
      sha256Checksum: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
      modifiedTime: '2020-01-02T03:04:05.678Z',
      parents: [parent],
      mimeType: 'text/plain',
      quotaBytesUsed: '11',
      ownedByMe: true,
      capabilities: { canEdit: true },
    })
    const listed = await client.files.list({ q: `'${parent}' in parents and trashed = false` })
    expect(listed.data).toEqual({
      kind: 'drive#fileList',
      incompleteSearch: false,
      files: [{ kind: 'drive#file', id: file.id, name: 'c.txt', mimeType: 'text/plain' }],
    })
    const fileId = file.id ?? ''
    const whole = await client.files.get({ fileId, alt: 'media' }, { responseType: 'text' })
    expect(whole.data).toBe('hello world')
    const range = { responseType: 'text', headers: { Range: 'bytes=6-9' } } as const
    const part = await client.files.get({ fileId, alt: 'media' }, range)
    expect([part.status, part.data]).toEqual([206, 'worl'])
  })

  it('travel compressed for those who ask for it twice', async () => {
    const { id } = await upload(client, { name: 'a' }, 'x'.repeat(1000))
    const url = `/drive/v3/files/${id}?alt=media`
    const asking = async (agent: string) =>
      (await send(service, url, { headers: { 'accept-encoding': 'gzip', 'user-agent': agent } })).headers
    expect((await asking('tool (gzip)')).get('content-encoding')).toBe('gzip')
    expect((await asking('tool')).get('content-length')).toBe('1000')
  })

  it('move, are renamed, starred, trashed and restored, and are gone when deleted', async () => {
    const [from, to] = [await parentOf('from'), await parentOf('to')]
    const { id: fileId = '' } = await upload(client, { name: 'a', parents: [from] }, 'x')
    if (fileId === null) throw new Error('There is no id.')
    const fields = 'name,parents,starred,trashed,explicitlyTrashed'
    await client.files.update({
      fileId,
      addParents: to,
      removeParents: from,
      requestBody: { name: 'b', starred: true },
    })
    await client.files.update({ fileId: to, requestBody: { trashed: true } })
    expect((await client.files.get({ fileId, fields })).data).toEqual({
      name: 'b',
      parents: [to],
      starred: true,
      trashed: true,
      explicitlyTrashed: false,
    })
    await client.files.update({ fileId: to, requestBody: { trashed: false } })
    await client.files.update({ fileId, addParents: from })
    expect((await client.files.get({ fileId, fields: 'parents' })).data).toEqual({ parents: [from] })
    await client.files.delete({ fileId })
    expect(await refusalOf(client.files.get({ fileId }))).toEqual({
      status: 404,
      reason: 'notFound',
      message: `File not found: ${fileId}.`,
      location: 'fileId',
    })
    await client.files.update({ fileId: to, requestBody: { trashed: true } })
    await client.files.emptyTrash({})
    expect(await refusalOf(client.files.get({ fileId: to }))).toMatchObject({ status: 404 })
  })

  it('have one parent, lie in no circle, and are changed only where they can be', async () => {
    const [outer, other] = [await parentOf('outer'), await parentOf('other')]
    const inner = await client.files.create({ requestBody: { name: 'inner', mimeType: folderType, parents: [outer] } })
    const innerId = inner.data.id ?? ''
    const update = (fileId: string, more: object) => refusalOf(client.files.update({ fileId, ...more }))
    const both = { addParents: `${other},${service.user.root}` }
    expect(await update(innerId, both)).toMatchObject({ status: 403, reason: 'cannotAddParent' })
    expect(await update(outer, { addParents: innerId, removeParents: service.user.root })).toMatchObject({
      status: 400,
      reason: 'badRequest',
    })
    expect(await update(innerId, { requestBody: { parents: [other] } })).toMatchObject({ reason: 'fieldNotWritable' })
    expect(await update(innerId, { requestBody: { md5Checksum: 'x' } })).toMatchObject({ reason: 'fieldNotWritable' })
    expect(await update(service.user.root, { requestBody: { name: 'x' } })).toMatchObject({
      reason: 'insufficientFilePermissions',
    })
    const file = await upload(client, { name: 'a' }, 'x')
    const inFile = client.files.create({ requestBody: { name: 'b', parents: [file.id ?? ''] } })
    expect(await refusalOf(inFile)).toMatchObject({ status: 403, reason: 'parentNotAFolder' })
  })

  it('are copied, but folders are not', async () => {
    const { id: fileId } = await upload(client, { name: 'a', description: 'd' }, 'bytes')
    if (!fileId) throw new Error('There is no id.')
    const fields = 'name,description,md5Checksum,parents'
    const copy = await client.files.copy({ fileId, fields })
    expect(copy.data).toEqual({
      name: 'Copy of a',
      description: 'd',
      md5Checksum: '4b3a6218bb3e3a7303e8a171a60fcf92',
      parents: [service.user.root],
    })
    expect(await refusalOf(client.files.copy({ fileId: await parentOf('b') }))).toMatchObject({
      status: 403,
      reason: 'cannotCopyFile',
    })
  })

  it('keep revisions, which are read, kept and deleted', async () => {
    const { id: fileId } = await upload(client, { name: 'a' }, 'one')
    if (!fileId) throw new Error('There is no id.')
    await Promise.resolve(client.files.update({ fileId, media: { body: 'second' } }))
    const listed = await client.revisions.list({ fileId, fields: 'revisions(id,size,md5Checksum,keepForever)' })
    const [first, second] = listed.data.revisions ?? []
    expect([first?.size, second?.size]).toEqual(['3', '6'])
    const revisionId = first?.id ?? ''
    const read = await client.revisions.get({ fileId, revisionId, alt: 'media' }, { responseType: 'text' })
    expect(read.data).toBe('one')
    const fields = 'quotaBytesUsed'
    expect((await client.files.get({ fileId, fields })).data).toEqual({ quotaBytesUsed: '6' })
    await answerOf(client.revisions.update({ fileId, revisionId, requestBody: { keepForever: true } }))
    expect((await client.files.get({ fileId, fields })).data).toEqual({ quotaBytesUsed: '9' })
    const undo = client.revisions.update({ fileId, revisionId, requestBody: { keepForever: false } })
    expect(await refusalOf(undo)).toMatchObject({ status: 400, reason: 'illegalKeepForeverModification' })
    await answerOf(client.revisions.delete({ fileId, revisionId }))
    expect((await client.revisions.list({ fileId })).data.revisions).toHaveLength(1)
    const last = client.revisions.delete({ fileId, revisionId: second?.id ?? '' })
    expect(await refusalOf(last)).toMatchObject({ status: 403 })
    expect(await refusalOf(client.revisions.get({ fileId, revisionId }))).toMatchObject({ status: 404 })
  })

  it('take ids that were given out before, once', async () => {
    const { data } = await client.files.generateIds({ count: 2 })
    const [id = ''] = data.ids ?? []
    expect(data.ids).toHaveLength(2)
    await answerOf(client.files.create({ requestBody: { id, name: 'a' } }))
    expect(await refusalOf(client.files.create({ requestBody: { id, name: 'a' } }))).toMatchObject({
      status: 409,
      reason: 'fileIdInUse',
    })
    expect(await refusalOf(client.files.create({ requestBody: { id: 'mine', name: 'a' } }))).toMatchObject({
      status: 400,
    })
  })

  it('can be shortcuts, whose target may be gone', async () => {
    const { id: targetId } = await upload(client, { name: 'a' }, 'x')
    if (!targetId) throw new Error('There is no id.')
    const requestBody = { name: 's', mimeType: shortcutType, shortcutDetails: { targetId } }
    const made = await answerOf(client.files.create({ requestBody, fields: 'id,size,shortcutDetails' }))
    expect(made.data).toEqual({ id: expect.any(String), shortcutDetails: { targetId, targetMimeType: 'text/plain' } })
    await client.files.delete({ fileId: targetId })
    const fileId = made.data.id ?? ''
    expect((await answerOf(client.files.get({ fileId, fields: 'shortcutDetails' }))).data).toMatchObject({
      shortcutDetails: { targetId },
    })
    expect(await refusalOf(client.files.get({ fileId, alt: 'media' }))).toMatchObject({ reason: 'fileNotDownloadable' })
    expect(await refusalOf(client.files.create({ requestBody }))).toMatchObject({ status: 404 })
  })

  it('can be Google documents: imported, exported in formats, never downloaded', async () => {
    const document = 'application/vnd.google-apps.document'
    const { data: about } = await client.about.get({ fields: 'importFormats,exportFormats' })
    expect(about.importFormats?.['text/plain']).toEqual([document])
    expect(about.exportFormats?.[document]).toContain('application/pdf')
    const media = { mimeType: 'text/plain', body: 'Dear reader' }
    const requestBody = { name: 'letter', mimeType: document }
    const made: { readonly data: { readonly id?: string | null; readonly exportLinks?: object | null } } =
      await Promise.resolve(client.files.create({ requestBody, media, fields: 'id,md5Checksum,exportLinks' }))
    const fileId = made.data.id ?? ''
    expect(made.data).not.toHaveProperty('md5Checksum')
    const plain = await client.files.export({ fileId, mimeType: 'text/plain' }, { responseType: 'text' })
    expect(plain.data).toBe('Dear reader')
    const links = new Map(Object.entries(made.data.exportLinks ?? {}))
    const byLink = await send(service, String(links.get('application/pdf')))
    expect(byLink.bytes.toString()).toBe('Exported as application/pdf\nDear reader')
    expect(await refusalOf(client.files.get({ fileId, alt: 'media' }))).toMatchObject({ reason: 'fileNotDownloadable' })
    expect(await refusalOf(client.files.export({ fileId, mimeType: 'image/png' }))).toMatchObject({ status: 400 })
    service.notes(fileId).document = Buffer.alloc(10 * 1024 * 1024 + 1)
    expect(await refusalOf(client.files.export({ fileId, mimeType: 'text/plain' }))).toMatchObject({
      status: 403,
      reason: 'exportSizeLimitExceeded',
    })
  })
})

describe('quotas and other refusals', () => {
  it('a full drive takes nothing more', async () => {
    await upload(client, { name: 'a' }, 'x'.repeat(100))
    service.tree.setTotal(service.user.root, 100)
    expect(await refusalOf(upload(client, { name: 'b' }, 'x'))).toMatchObject({
      status: 403,
      reason: 'storageQuotaExceeded',
    })
    const { data } = await client.about.get({ fields: 'storageQuota,user(emailAddress,me)' })
    expect(data).toEqual({
      storageQuota: { limit: '100', usage: '100', usageInDrive: '100', usageInDriveTrash: '0' },
      user: { emailAddress: 'me@example.com', me: true },
    })
  })

  it('an abusive file is given to its owner only, and only on request', async () => {
    const { id: fileId } = await upload(client, { name: 'a' }, 'evil')
    if (!fileId) throw new Error('There is no id.')
    service.notes(fileId).abusive = true
    service.share(fileId, { email: 'you@example.com', role: 'reader' })
    const reason = 'cannotDownloadAbusiveFile'
    expect(await refusalOf(client.files.get({ fileId, alt: 'media' }))).toMatchObject({ status: 403, reason })
    const acknowledged = { fileId, alt: 'media', acknowledgeAbuse: true }
    expect((await client.files.get(acknowledged, { responseType: 'text' })).data).toBe('evil')
    const other = clientOf(service, service.issueToken(['drive'], 'you@example.com'))
    expect(await refusalOf(other.files.get(acknowledged))).toMatchObject({ status: 403, reason })
  })

  it('planned failures come in the words of the service, and connections break where they are told to', async () => {
    const { id } = await upload(client, { name: 'a' }, 'x'.repeat(1000))
    service.fail({ call: 'files.get', reason: 'userRateLimitExceeded', retryAfter: '7' })
    const url = `/drive/v3/files/${id}?alt=media`
    const limited = await send(service, url)
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([403, '7'])
    expect(limited.json).toEqual({
      error: {
        code: 403,
        message: 'User Rate Limit Exceeded',
        errors: [{ message: 'User Rate Limit Exceeded', domain: 'usageLimits', reason: 'userRateLimitExceeded' }],
      },
    })
    service.fail({ call: 'files.get', cutAfter: 10 })
    await expect(send(service, url)).rejects.toThrow('terminated')
    service.fail({ call: 'files.create', cutAfter: 0 })
    const body = JSON.stringify({ name: 'lost' })
    const create = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
    await expect(send(service, '/drive/v3/files', create)).rejects.toThrow('fetch failed')
    expect(service.tree.named(service.user.root, 'lost')).toHaveLength(1)
    expect(service.count('files.create')).toBe(2)
  })

  it('unknown parameters, members, fields, paths and types are refused', async () => {
    const at = async (url: string, init?: RequestInit) => (await send(service, url, init)).json
    const reason = (status: number, reason: string, more: object = {}) => ({
      error: expect.objectContaining({ code: status, errors: [expect.objectContaining({ reason, ...more })] }),
    })
    const wrong = (location: string) => reason(400, 'invalidParameter', { location })
    expect(await at('/drive/v3/files?pagesize=3')).toEqual(wrong('pagesize'))
    expect(await at('/drive/v3/files?pageSize=0')).toEqual(wrong('pageSize'))
    expect(await at('/drive/v3/files?supportsAllDrives=yes')).toEqual(wrong('supportsAllDrives'))
    expect(await at('/drive/v3/files?fields=files(ids)')).toEqual(wrong('fields'))
    expect(await at('/drive/v3/files?fields=files(id')).toEqual(wrong('fields'))
    expect(await at('/drive/v3/files?pageToken=x')).toEqual(reason(400, 'invalid', { location: 'pageToken' }))
    expect(await at('/drive/v3/files?orderBy=size')).toEqual(reason(400, 'invalid', { location: 'orderBy' }))
    expect(await at('/drive/v3/about')).toEqual(reason(400, 'required', { location: 'fields' }))
    expect(await at('/drive/v3/nothing')).toEqual(reason(404, 'notFound'))
    const post = (body: string, type = 'application/json') => ({
      method: 'POST',
      body,
      headers: { 'content-type': type },
    })
    expect(await at('/drive/v3/files', post('{"titel":"a"}'))).toEqual(reason(400, 'badRequest'))
    expect(await at('/drive/v3/files', post('{"name":7}'))).toEqual(reason(400, 'invalid'))
    expect(await at('/drive/v3/files', post('{'))).toEqual(reason(400, 'parseError'))
    expect(await at('/drive/v3/files', post('bytes', 'text/plain'))).toEqual(reason(400, 'wrongUrlForUpload'))
    expect(await at('/drive/v3/files', post('{"modifiedTime":"yesterday"}'))).toEqual(reason(400, 'invalid'))
  })

  it('wrong tokens, no token and missing scopes are told apart', async () => {
    const none = await send(service, '/drive/v3/files', { token: '' })
    expect(none.status).toBe(403)
    const wrong = await send(service, '/drive/v3/files', { token: 'wrong' })
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="https://accounts.google.com/", error="invalid_token"',
    ])
    expect(wrong.json).toMatchObject({ error: { status: 'UNAUTHENTICATED', errors: [{ reason: 'authError' }] } })
    const readonly = clientOf(service, service.issueToken(['drive.readonly']))
    expect(await refusalOf(readonly.files.create({ requestBody: { name: 'a' } }))).toMatchObject({
      status: 403,
      reason: 'insufficientPermissions',
    })
    const denied = await send(service, '/drive/v3/files/trash', {
      method: 'DELETE',
      token: service.issueToken(['drive.readonly']),
    })
    expect(denied.headers.get('www-authenticate')).toBe(
      'Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="https://www.googleapis.com/auth/drive"',
    )
    service.tokens.endTokens()
    expect(await refusalOf(client.files.list())).toMatchObject({ status: 401 })
  })
})
