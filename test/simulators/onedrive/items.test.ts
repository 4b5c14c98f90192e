import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DriveType } from './service.ts'
import { type OneDrive, startOneDrive } from './start-onedrive.ts'
import { type Answered, plainClient } from './testing-client.ts'

let onedrive: OneDrive
let ask: ReturnType<typeof plainClient>

async function start(driveType: DriveType = 'business', more = {}): Promise<void> {
  onedrive = await startOneDrive({ driveType, ...more })
  ask = plainClient(onedrive)
}
beforeEach(() => start())
afterEach(() => onedrive.close())

const idOf = ({ json }: Answered): string => String(json.id)
const put = (path: string, text: string): Promise<Answered> => ask('PUT', `/me/drive/root:/${path}:/content`, text)
const folder = (name: string, more = {}): Promise<Answered> =>
  ask('POST', '/me/drive/root/children', { name, folder: {}, ...more })
const namesIn = ({ json }: Answered): unknown[] =>
  Array.isArray(json.value) ? json.value.map((item: { readonly name?: string }) => item.name) : []

describe('an item', () => {
  it('is found by its id, its path in any case, the path from a folder, and its key', async () => {
    const parent = idOf(await folder('Some folder'))
    const id = idOf(await ask('PUT', `/me/drive/items/${parent}:/it's%20%23.txt:/content`, 'x'))
    const drive = onedrive.drives[0]?.id
    const leaf = "it''s%20%23.txt"
    for (const path of [
      `/me/drive/items/${id}`,
      `/drives/${drive}/items/${id}`,
      "/me/drive/root:/some%20FOLDER/IT'S%20%23.TXT",
      "/me/drive/root:/some%20folder/it's%20%23.txt:",
      `/me/drive/items/${parent}:/it's%20%23.txt`,
      `/me/drive/items/${parent}/children('${leaf}')`,
      `/me/drive/items/${parent}/children('@a1')?@a1='${leaf}'`,
      `/users/ann@contoso.com/drive/items/${id}`,
    ]) {
      expect(await ask('GET', path), path).toMatchObject({ status: 200, json: { id, name: "it's #.txt" } })
    }
  })

  it.each([
    ['/me/drive/items/01ABC', 404, 'itemNotFound'],
    ['/me/drive/root:/none/at/all', 404, 'itemNotFound'],
    ['/me/drive/root:/a//b', 400, 'invalidRequest'],
    ['/drives/nonsense', 400, 'invalidRequest'],
    [`/drives/b!${'x'.repeat(64)}`, 404, 'itemNotFound'],
    ['/me/drive/root/nothing', 400, 'BadRequest'],
    ['/groups/g/drive', 400, 'BadRequest'],
    ['/me/drive/root?$select=nonsense', 400, 'invalidRequest'],
    ['/me/drive/root?$filter=x', 400, 'invalidRequest'],
    ['/me/drive/root?unknown=1', 400, 'invalidRequest'],
    ['/me/drive/root/children?$top=x', 400, 'invalidRequest'],
    ['/me/drive/root/children?$skiptoken=x', 400, 'invalidRequest'],
    ['/me/drive/root?$expand=everything', 400, 'invalidRequest'],
  ])('that is asked for as %s is refused', async (path, status, code) => {
    expect(await ask('GET', path)).toMatchObject({ status, code })
  })

  it('has what its type of drive has', async () => {
    const shared = ['id', 'name', 'size', 'file', 'eTag', 'cTag', 'fileSystemInfo', 'parentReference', 'webUrl']
    const ofBusiness = (await put('a.txt', 'abc')).json
    expect(Object.keys(ofBusiness)).toEqual(expect.arrayContaining(shared))
    expect(ofBusiness).toMatchObject({ file: { mimeType: 'text/plain', hashes: { quickXorHash: expect.any(String) } } })
    expect(ofBusiness).not.toHaveProperty('file.hashes.sha1Hash')
    expect((await folder('f')).json).not.toHaveProperty('cTag')
    await onedrive.close()
    await start('personal')
    expect((await put('a.txt', 'abc')).json).toMatchObject({
      id: expect.stringMatching(/^[\dA-F]{16}!\d+$/),
      file: { hashes: { sha1Hash: 'A9993E364706816ABA3E25717850C26C9CD0D89D' } },
    })
    expect((await folder('f')).json).toMatchObject({ cTag: expect.any(String), folder: { childCount: 0 } })
  })

  it('shows only what is selected', async () => {
    await put('picture.png', 'png')
    const { json } = await ask('GET', '/me/drive/root:/picture.png?select=id,name&$expand=thumbnails')
    expect(Object.keys(json).filter((name) => !name.startsWith('@'))).toEqual(['id', 'name', 'thumbnails'])
  })

  it('is not sent again to who has it', async () => {
    const { json } = await put('a.txt', 'abc')
    const headers = { 'If-None-Match': String(json.eTag) }
    expect(await ask('GET', '/me/drive/root:/a.txt', undefined, headers)).toMatchObject({ status: 304 })
  })
})

describe('a new folder', () => {
  it('fails, replaces or takes another name where the name is taken', async () => {
    const first = await folder('Photos')
    expect(first.status).toBe(201)
    expect(await folder('PHOTOS')).toMatchObject({ status: 409, code: 'nameAlreadyExists' })
    const again = await folder('photos', { '@microsoft.graph.conflictBehavior': 'replace' })
    expect(again).toMatchObject({ status: 200, json: { id: first.json.id } })
    const renamed = await folder('photos', { '@microsoft.graph.conflictBehavior': 'rename' })
    expect(renamed).toMatchObject({ status: 201, json: { name: 'photos 1' } })
  })

  it.each([
    ['a:b'],
    ['a*b'],
    ['a"b'],
    ['a|b'],
    ['a<b'],
    ['a?b'],
    ['a\\b'],
    ['a/b'],
    [' a'],
    ['a '],
    ['a.'],
    ['~a'],
    ['CON'],
    ['lpt1'],
    ['.lock'],
    ['x_vti_y'],
    ['desktop.ini'],
    [''],
    ['..'],
    ['a\u0001b'],
  ])('is not called %j', async (name) => {
    expect(await folder(name)).toMatchObject({ status: 400, code: 'invalidRequest', inner: 'invalidPath' })
  })

  it('has a path of 400 characters at most', async () => {
    const long = 'x'.repeat(200)
    const parent = idOf(await folder(long))
    const below = (name: string) => ask('POST', `/me/drive/items/${parent}/children`, { name, folder: {} })
    expect(await below('y'.repeat(199))).toMatchObject({ status: 201 })
    expect(await below('z'.repeat(200))).toMatchObject({ status: 400, inner: 'pathIsTooLong' })
    expect(await folder('x'.repeat(256))).toMatchObject({ status: 400, inner: 'pathIsTooLong' })
  })

  it.each([
    [{ name: 'a', folder: {}, nonsense: 1 }],
    [{ name: 1, folder: {} }],
    [{ folder: {} }],
    [{ name: 'a' }],
    [{ name: 'a', folder: {}, '@microsoft.graph.conflictBehavior': 'merge' }],
    [{ name: 'a', folder: {}, fileSystemInfo: { lastModifiedDateTime: 'yesterday' } }],
  ])('is not made from %j', async (body) => {
    expect(await ask('POST', '/me/drive/root/children', body)).toMatchObject({ status: 400, code: 'invalidRequest' })
  })

  it('is asked for in JSON', async () => {
    const headers = { 'Content-Type': 'text/plain' }
    expect(await ask('POST', '/me/drive/root/children', '{}', headers)).toMatchObject({ status: 415 })
    const broken = await ask('POST', '/me/drive/root/children', '{', { 'Content-Type': 'application/json' })
    expect(broken).toMatchObject({ status: 400, code: 'BadRequest' })
  })
})

describe('changing', () => {
  it('renames, moves by id and by path, and sets times', async () => {
    const target = idOf(await folder('target'))
    const id = idOf(await put('a.txt', 'a'))
    const patch = (body: unknown, headers = {}) => ask('PATCH', `/me/drive/items/${id}`, body, headers)
    expect(await patch({ name: 'A.txt' })).toMatchObject({ status: 200, json: { name: 'A.txt' } })
    expect(await patch({ parentReference: { id: target } })).toMatchObject({
      json: { parentReference: { id: target } },
    })
    expect(await patch({ parentReference: { path: '/drive/root:/' }, name: 'b.txt' })).toMatchObject({ status: 200 })
    const times = { fileSystemInfo: { lastModifiedDateTime: '2001-02-03T04:05:06.789+01:00' } }
    expect(await patch(times)).toMatchObject({
      json: { fileSystemInfo: { lastModifiedDateTime: '2001-02-03T03:05:06Z' } },
    })
    expect(await patch({ name: 'target' })).toMatchObject({ status: 409, code: 'nameAlreadyExists' })
    expect(await patch({ size: 3 })).toMatchObject({ status: 400 })
    expect(await patch({ description: 'x' })).toMatchObject({ status: 400, inner: 'propertyNotUpdateable' })
    expect(await patch({ parentReference: { id: 'nowhere' } })).toMatchObject({ status: 404 })
    expect(await patch({ name: 'c.txt' }, { 'If-Match': '"{old},1"' })).toMatchObject({
      status: 412,
      code: 'resourceModified',
    })
  })

  it('does not move a folder into itself, nor the root', async () => {
    const outer = idOf(await folder('outer'))
    const inner = idOf(await ask('POST', `/me/drive/items/${outer}/children`, { name: 'inner', folder: {} }))
    const into = await ask('PATCH', `/me/drive/items/${outer}`, { parentReference: { id: inner } })
    expect(into).toMatchObject({ status: 400, code: 'invalidRequest' })
    expect(await ask('PATCH', '/me/drive/root', { name: 'x' })).toMatchObject({ status: 403 })
    expect(await ask('DELETE', '/me/drive/root')).toMatchObject({ status: 403 })
  })

  it('is refused while somebody has the file open', async () => {
    const id = idOf(await put('a.docx', 'a'))
    onedrive.mark(id, { locked: true })
    for (const answer of [
      await ask('DELETE', `/me/drive/items/${id}`),
      await ask('PATCH', `/me/drive/items/${id}`, { name: 'b' }),
      await ask('PUT', `/me/drive/items/${id}/content`, 'b'),
      await ask('POST', `/me/drive/items/${id}/createUploadSession`, {}),
    ]) {
      expect(answer).toMatchObject({ status: 423, code: 'resourceLocked' })
    }
  })

  it('deletes into the recycle bin, which counts, or for good, which personal drives do not', async () => {
    const one = idOf(await put('one', '12345'))
    const two = idOf(await put('two', '123'))
    expect(await ask('DELETE', `/me/drive/items/${one}`)).toMatchObject({ status: 204 })
    expect(await ask('GET', '/me/drive')).toMatchObject({ json: { quota: { used: 8, deleted: 5 } } })
    expect(await ask('POST', `/me/drive/items/${two}/permanentDelete`)).toMatchObject({ status: 204 })
    expect(await ask('GET', '/me/drive')).toMatchObject({ json: { quota: { used: 5, deleted: 5 } } })
    expect(namesIn(await ask('GET', '/me/drive/root/children'))).toEqual([])
    await onedrive.close()
    await start('personal')
    const id = idOf(await put('one', '1'))
    expect(await ask('POST', `/me/drive/items/${id}/permanentDelete`)).toMatchObject({
      status: 400,
      code: 'notSupported',
    })
  })
})

describe('copying', () => {
  it('is done when its monitor has been asked, which takes no token', async () => {
    const id = idOf(await put('a.txt', 'abc'))
    const { status, headers } = await ask('POST', `/me/drive/items/${id}/copy`, { name: 'b.txt' })
    const monitor = headers.get('location') ?? ''
    expect(status).toBe(202)
    expect(await ask('GET', '/me/drive/root:/b.txt')).toMatchObject({ status: 404 })
    expect(await ask('GET', monitor, undefined, { Authorization: 'Bearer x' })).toMatchObject({ status: 401 })
    expect(await ask('GET', monitor)).toMatchObject({ status: 202, json: { status: 'inProgress' } })
    const done = await ask('GET', monitor)
    expect(done).toMatchObject({ status: 200, json: { status: 'completed', percentageComplete: 100 } })
    expect(await ask('GET', '/me/drive/root:/b.txt')).toMatchObject({ json: { id: done.json.resourceId, size: 3 } })
  })

  it('tells a conflict at once, or by its monitor when it comes later', async () => {
    const id = idOf(await put('a.txt', 'abc'))
    expect(await ask('POST', `/me/drive/items/${id}/copy`, {})).toMatchObject({
      status: 409,
      code: 'nameAlreadyExists',
    })
    const { headers } = await ask('POST', `/me/drive/items/${id}/copy`, { name: 'b.txt' })
    await put('b.txt', 'was faster')
    await ask('GET', headers.get('location') ?? '')
    const { json } = await ask('GET', headers.get('location') ?? '')
    expect(json).toMatchObject({ status: 'failed', error: { code: 'nameAlreadyExists' } })
  })

  it('replaces a file, as another version of it, where the drive can', async () => {
    const id = idOf(await put('a.txt', 'new'))
    const taken = idOf(await put('b.txt', 'old'))
    const query = '?@microsoft.graph.conflictBehavior=replace'
    const { headers } = await ask('POST', `/me/drive/items/${id}/copy${query}`, { name: 'b.txt' })
    for (let time = 0; time < 2; time++) await ask('GET', headers.get('location') ?? '')
    expect(await ask('GET', `/me/drive/items/${taken}/versions`)).toMatchObject({
      json: { value: [{ id: '2.0' }, { id: '1.0' }] },
    })
  })

  it('replaces nothing on personal drives, whatever is asked for', async () => {
    await onedrive.close()
    await start('personal')
    const id = idOf(await put('a.txt', 'new'))
    await put('b.txt', 'old')
    const query = '?@microsoft.graph.conflictBehavior=replace'
    const refused = await ask('POST', `/me/drive/items/${id}/copy${query}`, { name: 'b.txt' })
    expect(refused).toMatchObject({ status: 409, code: 'nameAlreadyExists' })
  })
})

it('says how much room there is in words as well', async () => {
  await onedrive.close()
  await start('personal', { total: 1000 })
  for (const [size, state] of [
    [100, 'normal'],
    [850, 'nearing'],
    [45, 'critical'],
    [5, 'exceeded'],
  ] as const) {
    await put(`file-${size}`, 'x'.repeat(size))
    expect((await ask('GET', '/me/drive')).json.quota).toMatchObject({ state, total: 1000 })
  }
  expect(await put('more', 'x')).toMatchObject({ status: 507, code: 'quotaLimitReached' })
})

it('shows notebooks as packages, which have no content', async () => {
  const id = idOf(await folder('Notebook'))
  onedrive.mark(id, { package: 'oneNote' })
  const { json } = await ask('GET', `/me/drive/items/${id}`)
  expect(json).toMatchObject({ package: { type: 'oneNote' } })
  expect(json).not.toHaveProperty('folder')
  expect(await ask('GET', `/me/drive/items/${id}/content`)).toMatchObject({ status: 400 })
})
