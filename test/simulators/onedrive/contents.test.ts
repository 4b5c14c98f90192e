import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DriveType } from './service.ts'
import { type OneDrive, startOneDrive } from './start-onedrive.ts'
import { type Answered, plainClient } from './testing-client.ts'

const unit = 327_680
let onedrive: OneDrive
let ask: ReturnType<typeof plainClient>

async function start(driveType: DriveType = 'business', more = {}): Promise<void> {
  onedrive = await startOneDrive({ driveType, ...more })
  ask = plainClient(onedrive)
}
beforeEach(() => start())
afterEach(() => onedrive.close())

const put = (path: string, text: string, headers = {}): Promise<Answered> =>
  ask('PUT', `/me/drive/root:/${path}:/content`, text, headers)
const address = async (path = 'a.txt'): Promise<string> =>
  (await ask('GET', `/me/drive/root:/${path}:/content`)).headers.get('location') ?? ''

describe('a download', () => {
  it.each<[string | undefined, number, string, string | null]>([
    [undefined, 200, 'hello there', null],
    ['bytes=0-4', 206, 'hello', 'bytes 0-4/11'],
    ['bytes=6-', 206, 'there', 'bytes 6-10/11'],
    ['bytes=-2', 206, 're', 'bytes 9-10/11'],
    ['bytes=6-100', 206, 'there', 'bytes 6-10/11'],
    ['bytes=11-', 416, '', 'bytes */11'],
    ['bytes=0-1,3-4', 200, 'hello there', null],
  ])('with the range %s gives %d', async (range, status, text, contentRange) => {
    await put('a.txt', 'hello there')
    const answer = await ask('GET', await address(), undefined, range === undefined ? {} : { Range: range })
    expect(answer).toMatchObject({ status, json: { text } })
    expect(answer.headers.get('content-range')).toBe(contentRange)
  })

  it('takes no token, and runs out', async () => {
    await put('a.txt', 'x')
    const where = await address()
    expect(await ask('GET', where, undefined, { Authorization: 'Bearer x' })).toMatchObject({ status: 401 })
    onedrive.tree.setClock(Date.now() + 3_700_000)
    expect(await ask('GET', where)).toMatchObject({ status: 401 })
  })

  it('of what is infected is refused, unless it is asked for in spite of that', async () => {
    const { json } = await put('a.txt', 'virus')
    onedrive.mark(String(json.id), { malware: 'EICAR' })
    const refused = await ask('GET', '/me/drive/root:/a.txt:/content')
    expect(refused).toMatchObject({ status: 403, code: 'malwareDetected' })
    expect(refused.headers.get('x-virus-infected')).toBe('EICAR')
    const beta = 'https://graph.microsoft.com/beta/me/drive/root:/a.txt:'
    const headers = { Prefer: 'forceInfectedDownload' }
    expect(await ask('GET', `${beta}/contentStream`, undefined, headers)).toMatchObject({
      status: 200,
      json: { text: 'virus' },
    })
    const forced = await ask('GET', `${beta}/content`, undefined, headers)
    expect(await ask('GET', forced.headers.get('location') ?? '')).toMatchObject({ status: 200 })
    expect(await ask('GET', '/me/drive/root:/a.txt:/content', undefined, headers)).toMatchObject({ status: 403 })
  })

  it('breaks off where a test wants it to', async () => {
    await put('a.txt', 'hello there')
    const where = await address()
    onedrive.fail({ operation: 'download bytes', after: 5 })
    await expect(ask('GET', where)).rejects.toThrow('terminated')
  })
})

describe('a simple upload', () => {
  it('makes and replaces, and keeps what it replaced as a version', async () => {
    expect(await put('a.txt', 'one')).toMatchObject({ status: 201, json: { size: 3 } })
    expect(await put('A.TXT', 'three')).toMatchObject({ status: 200, json: { size: 5, name: 'a.txt' } })
    expect(await ask('GET', '/me/drive/root:/a.txt:/versions')).toMatchObject({
      json: {
        value: [
          { id: '2.0', size: 5 },
          { id: '1.0', size: 3 },
        ],
      },
    })
  })

  it('does with a conflict what it is told', async () => {
    await put('a.txt', 'one')
    const behave = (behavior: string) =>
      ask('PUT', `/me/drive/root:/a.txt:/content?@microsoft.graph.conflictBehavior=${behavior}`, 'two')
    expect(await behave('fail')).toMatchObject({ status: 409, code: 'nameAlreadyExists' })
    expect(await behave('rename')).toMatchObject({ status: 201, json: { name: 'a 1.txt' } })
    expect(await behave('nonsense')).toMatchObject({ status: 400 })
  })

  it('is held against tags of the item and of its content', async () => {
    const first = (await put('a.txt', 'one')).json
    expect(await put('a.txt', 'two', { 'If-Match': String(first.eTag) })).toMatchObject({ status: 200 })
    expect(await put('a.txt', 'three', { 'If-Match': String(first.eTag) })).toMatchObject({
      status: 412,
      code: 'resourceModified',
    })
    const { json } = await ask('GET', '/me/drive/root:/a.txt')
    expect(await put('a.txt', 'three', { 'If-Match': String(json.cTag) })).toMatchObject({ status: 200 })
    expect(await put('new.txt', 'x', { 'If-Match': '*' })).toMatchObject({ status: 412 })
    expect(await put('a.txt', 'x', { 'If-None-Match': '*' })).toMatchObject({ status: 412 })
  })

  it('makes no folders on its way, and does not make a file of a folder', async () => {
    expect(await put('none/a.txt', 'x')).toMatchObject({ status: 404 })
    await ask('POST', '/me/drive/root/children', { name: 'folder', folder: {} })
    expect(await put('folder', 'x')).toMatchObject({ status: 400 })
  })
})

interface Parts {
  readonly from?: number
  readonly size?: number
  readonly headers?: Record<string, string>
}

describe('an upload session', () => {
  const create = (body: unknown = {}, path = 'large', headers = {}) =>
    ask('POST', `/me/drive/root:/${path}:/createUploadSession`, body, headers)
  const fragment = (session: Answered, from: number, size: number, total: number, headers = {}) =>
    ask('PUT', String(session.json.uploadUrl), new Uint8Array(size).fill(from % 251), {
      'Content-Range': `bytes ${from}-${from + size - 1}/${total}`,
      ...headers,
    })

  it('takes fragments in order, says what it expects, and ends in an item', async () => {
    const info = { lastModifiedDateTime: '2020-01-02T03:04:05Z' }
    const session = await create({ item: { fileSystemInfo: info, name: 'large' } })
    expect(session).toMatchObject({ status: 200, json: { nextExpectedRanges: ['0-'] } })
    expect(await fragment(session, 0, unit, unit + 5)).toMatchObject({
      status: 202,
      json: { nextExpectedRanges: [`${unit}-`] },
    })
    expect(await ask('GET', String(session.json.uploadUrl))).toMatchObject({
      status: 200,
      json: { nextExpectedRanges: [`${unit}-`] },
    })
    expect(await fragment(session, 0, unit, unit + 5)).toMatchObject({
      status: 416,
      code: 'invalidRange',
      inner: 'fragmentOverlap',
    })
    const done = await fragment(session, unit, 5, unit + 5)
    expect(done).toMatchObject({ status: 201, json: { size: unit + 5, fileSystemInfo: info } })
    expect(await ask('GET', String(session.json.uploadUrl))).toMatchObject({
      status: 404,
      inner: 'uploadSessionNotFound',
    })
  })

  it.each<[string, Parts, number, string | undefined]>([
    ['that comes too early', { from: unit }, 416, 'fragmentOutOfOrder'],
    ['of a size that is no multiple', { size: 1000 }, 400, undefined],
    ['with a token', { headers: { Authorization: 'Bearer x' } }, 401, undefined],
    ['without a range', { headers: { 'Content-Range': '' } }, 400, undefined],
    ['that says another length', { headers: { 'Content-Range': 'bytes 0-9/10' } }, 400, 'fragmentLengthMismatch'],
    ['of more than 60 MiB', { size: 193 * unit }, 413, 'maxFragmentLengthExceeded'],
  ])('refuses a fragment %s', async (_, { from = 0, size = unit, headers }, status, inner) => {
    expect(await fragment(await create(), from, size, 200 * unit, headers)).toMatchObject({ status, inner })
  })

  it('refuses another total, and goes on', async () => {
    const session = await create()
    await fragment(session, 0, unit, 2 * unit)
    expect(await fragment(session, unit, unit, 3 * unit)).toMatchObject({
      status: 400,
      inner: 'fragmentLengthMismatch',
    })
    expect(await fragment(session, unit, unit, 2 * unit)).toMatchObject({ status: 201 })
  })

  it('is cancelled, and runs out', async () => {
    const cancelled = await create()
    expect(await ask('DELETE', String(cancelled.json.uploadUrl))).toMatchObject({ status: 204 })
    expect(await fragment(cancelled, 0, 1, 1)).toMatchObject({ status: 404 })
    const old = await create()
    onedrive.tree.setClock(Date.now() + 16 * 60_000)
    expect(await fragment(old, 0, 1, 1)).toMatchObject({ status: 404, inner: 'uploadSessionNotFound' })
  })

  it('keeps the bytes when the name is taken meanwhile', async () => {
    const session = await create({ item: { '@microsoft.graph.conflictBehavior': 'fail' } })
    await put('large', 'was faster')
    expect(await fragment(session, 0, 5, 5)).toMatchObject({ status: 409, code: 'nameAlreadyExists' })
    expect(await ask('GET', String(session.json.uploadUrl))).toMatchObject({
      status: 200,
      json: { nextExpectedRanges: [] },
    })
  })

  it('waits for an explicit end when it was told to, on business drives', async () => {
    const session = await create({ deferCommit: true })
    expect(await fragment(session, 0, 5, 5)).toMatchObject({ status: 202 })
    expect(await ask('GET', '/me/drive/root:/large')).toMatchObject({ status: 404 })
    expect(await ask('POST', String(session.json.uploadUrl))).toMatchObject({ status: 201, json: { size: 5 } })
  })

  it.each([
    [{ item: { name: 'other' } }, 400],
    [{ item: { nonsense: 1 } }, 400],
    [{ name: 'large' }, 400],
    [{ deferCommit: 'yes' }, 400],
  ])('is not created from %j', async (body, status) => {
    expect(await create(body)).toMatchObject({ status, code: 'invalidRequest' })
  })

  it('is refused at once when the file is too large, or changed', async () => {
    await onedrive.close()
    await start('personal', { total: 1000 })
    expect(await create({ item: { fileSize: 1001 } })).toMatchObject({ status: 507, code: 'quotaLimitReached' })
    expect(await fragment(await create(), 0, 1001, 1001)).toMatchObject({ status: 507 })
    await put('there', 'x')
    expect(await create({}, 'there', { 'If-Match': 'old' })).toMatchObject({ status: 412 })
  })

  it('has nothing of a fragment that broke off on the way', async () => {
    const session = await create()
    onedrive.fail({ operation: 'upload fragment', cut: 1000 })
    await expect(fragment(session, 0, unit, 2 * unit)).rejects.toThrow('fetch failed')
    expect(await ask('GET', String(session.json.uploadUrl))).toMatchObject({ json: { nextExpectedRanges: ['0-'] } })
  })

  it('has the bytes of a fragment whose answer nobody heard', async () => {
    const session = await create()
    onedrive.fail({ operation: 'upload fragment', after: 0 })
    await expect(fragment(session, 0, unit, 2 * unit)).rejects.toThrow('fetch failed')
    expect(await ask('GET', String(session.json.uploadUrl))).toMatchObject({
      json: { nextExpectedRanges: [`${unit}-`] },
    })
  })
})

describe('versions', () => {
  it('are read, restored and deleted, the current one excepted', async () => {
    for (const text of ['one', 'two', 'three']) await put('a.txt', text)
    const at = (tail: string) => `/me/drive/root:/a.txt:/versions/${tail}`
    const old = await ask('GET', at('1.0/content'))
    expect(await ask('GET', old.headers.get('location') ?? '')).toMatchObject({ status: 200, json: { text: 'one' } })
    expect(await ask('GET', at('3.0/content'))).toMatchObject({ status: 400 })
    expect(await ask('POST', at('1.0/restoreVersion'))).toMatchObject({ status: 204 })
    expect(await ask('GET', await address())).toMatchObject({ json: { text: 'one' } })
    expect(await ask('DELETE', at('4.0'))).toMatchObject({ status: 400 })
    expect(await ask('DELETE', at('2.0'))).toMatchObject({ status: 204 })
    expect(await ask('GET', at('2.0'))).toMatchObject({ status: 404 })
    const { json } = await ask('GET', '/me/drive/root:/a.txt:/versions')
    expect(json).toMatchObject({ value: [{ id: '4.0' }, { id: '3.0' }, { id: '1.0' }] })
  })

  it('are made by another time on business drives, and not on personal ones', async () => {
    const times = { fileSystemInfo: { lastModifiedDateTime: '2001-02-03T04:05:06Z' } }
    for (const [driveType, count] of [
      ['business', 2],
      ['personal', 1],
    ] as const) {
      await onedrive.close()
      await start(driveType)
      await put('a.txt', 'one')
      await ask('PATCH', '/me/drive/root:/a.txt', times)
      expect((await ask('GET', '/me/drive/root:/a.txt:/versions')).json.value).toHaveLength(count)
    }
    expect(await ask('DELETE', '/me/drive/root:/a.txt:/versions/1.0')).toMatchObject({
      status: 400,
      code: 'notSupported',
    })
  })
})
