import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { contentHash } from '../cloud-tree/content-hash.ts'
import { type Dropbox, startDropbox } from './start-dropbox.ts'
import { type Client, clientOf, refusalOf, summaryOf } from './testing-client.ts'

const unit = 4 * 1024 * 1024
let dropbox: Dropbox
let client: Client
let folder: string
let folders = 0

beforeAll(async () => {
  dropbox = await startDropbox({ limits: { request: 2 * unit } })
  client = clientOf(dropbox)
})
afterAll(() => dropbox.close())
beforeEach(() => {
  folder = `/Uploads ${(folders += 1)}`
})

const hashOf = (bytes: Uint8Array): string => contentHash(bytes).toString('hex')
const namesIn = async (): Promise<string[]> =>
  (await client.filesListFolder({ path: folder })).result.entries.map(({ name }) => name)

describe('upload', () => {
  const put = async (contents: string, more: object = {}) =>
    (await client.filesUpload({ path: `${folder}/a.txt`, contents, ...more })).result

  it('adding leaves alone what is there, says the conflict with the session, and renames when asked to', async () => {
    const made = await put('one')
    const refused = await refusalOf(put('two'))
    expect(refused).toMatchObject({
      status: 409,
      summary: 'path/conflict/file',
      error: {
        '.tag': 'path',
        reason: { '.tag': 'conflict', conflict: { '.tag': 'file' } },
        upload_session_id: expect.stringContaining('pid_upload_session:'),
      },
    })
    expect((await put('two', { autorename: true })).name).toBe('a (1).txt')
    expect((await put('one')).rev).toBe(made.rev)
    expect(await summaryOf(put('one', { strict_conflict: true }))).toBe('path/conflict/file')
  })

  it('overwriting keeps the id and gives a new revision, unless the content is the same', async () => {
    const first = await put('one', { client_modified: '2020-01-01T00:00:00Z' })
    const mode = { '.tag': 'overwrite' }
    const same = await put('one', { mode, client_modified: '2021-01-01T00:00:00Z' })
    expect(same).toEqual(first)
    const second = await put('two', { mode })
    expect(second.id).toBe(first.id)
    expect(second.rev).not.toBe(first.rev)
    await client.filesCreateFolderV2({ path: `${folder}/folder` })
    expect(
      await summaryOf(client.filesUpload({ path: `${folder}/folder`, contents: 'x', mode: { '.tag': 'overwrite' } })),
    ).toBe('path/conflict/folder')
  })

  it('updating needs the revision that is there', async () => {
    const first = await put('one')
    const update = (rev: string) => ({ mode: { '.tag': 'update', update: rev } })
    const second = await put('two', update(first.rev))
    expect(await summaryOf(put('three', update(first.rev)))).toBe('path/conflict/file')
    expect((await put('three', { ...update(first.rev), autorename: true })).name).toBe('a (conflicted copy).txt')
    await client.filesDeleteV2({ path: `${folder}/a.txt` })
    expect(await summaryOf(put('four', { ...update(second.rev), strict_conflict: true }))).toBe('path/conflict/file')
    expect((await put('four', update(second.rev))).name).toBe('a.txt')
  })

  it('content that is not what its hash says, and too much of it, is refused', async () => {
    expect(await summaryOf(put('one', { content_hash: hashOf(Buffer.from('two')) }))).toBe('content_hash_mismatch')
    await put('one', { content_hash: hashOf(Buffer.from('one')) })
    const contents = Buffer.alloc(2 * unit + 1)
    expect(await summaryOf(client.filesUpload({ path: `${folder}/b`, contents }))).toBe('payload_too_large')
    await client.filesUpload({ path: `${folder}/b`, contents: contents.subarray(1) })
    expect(await namesIn()).toEqual(['a.txt', 'b'])
  })

  it('what does not fit is refused, what is deleted makes room', async () => {
    const small = await startDropbox({ allocated: 10 })
    const limited = clientOf(small)
    try {
      await limited.filesUpload({ path: '/a', contents: '12345678' })
      expect((await limited.usersGetSpaceUsage()).result).toEqual({
        used: 8,
        allocation: { '.tag': 'individual', allocated: 10 },
      })
      expect(await summaryOf(limited.filesUpload({ path: '/b', contents: '123' }))).toBe('path/insufficient_space')
      expect(await summaryOf(limited.filesCopyV2({ from_path: '/a', to_path: '/b' }))).toBe('insufficient_quota')
      await limited.filesDeleteV2({ path: '/a' })
      await limited.filesUpload({ path: '/b', contents: '123' })
    } finally {
      await small.close()
    }
  })
})

describe('upload sessions', () => {
  const commit = (name: string, more: object = {}) => ({ path: `${folder}/${name}`, ...more })
  const start = async (contents: string | Uint8Array, more: object = {}) =>
    (await client.filesUploadSessionStart({ contents, ...more })).result.session_id

  it('pieces come together, wrong offsets are answered with the right one', async () => {
    const session_id = await start('one ')
    const append = (contents: string, offset: number, more: object = {}) =>
      client.filesUploadSessionAppendV2({ cursor: { session_id, offset }, contents, ...more })
    expect((await append('two ', 4)).result).toBeNull()
    expect(await refusalOf(append('two ', 4))).toMatchObject({
      status: 409,
      summary: 'incorrect_offset',
      error: { '.tag': 'incorrect_offset', correct_offset: 8 },
    })
    expect(await summaryOf(append('x', 8, { content_hash: 'a'.repeat(64) }))).toBe('content_hash_mismatch')
    const finish = (offset: number, contents = '') =>
      client.filesUploadSessionFinish({ cursor: { session_id, offset }, commit: commit('whole'), contents })
    expect((await refusalOf(finish(3))).error).toEqual({
      '.tag': 'lookup_failed',
      lookup_failed: { '.tag': 'incorrect_offset', correct_offset: 8 },
    })
    const { result } = await finish(8, 'three')
    expect(result).toMatchObject({ size: 13, content_hash: hashOf(Buffer.from('one two three')) })
    expect(await summaryOf(finish(13))).toBe('lookup_failed/not_found')
    expect(await summaryOf(append('more', 13))).toBe('closed')
    expect(await summaryOf(client.filesUploadSessionAppendV2({ cursor: { session_id: 'none', offset: 0 } }))).toBe(
      'not_found',
    )
  })

  it('a session that could not be committed can be, elsewhere', async () => {
    await client.filesUpload({ path: `${folder}/taken`, contents: 'x' })
    const session_id = await start('one')
    const finish = (name: string, offset: number, contents = '') =>
      client.filesUploadSessionFinish({ cursor: { session_id, offset }, commit: commit(name), contents })
    expect(await summaryOf(finish('taken', 3, ' two'))).toBe('path/conflict/file')
    expect((await finish('free', 7)).result.size).toBe(7)
  })

  it('a batch commits each by itself, and only what is closed', async () => {
    await client.filesUpload({ path: `${folder}/taken`, contents: 'x' })
    const [open, closed, conflicting] = await Promise.all([
      start('open'),
      start('closed', { close: true }),
      start('other', { close: true }),
    ])
    const entries = [
      { cursor: { session_id: open, offset: 4 }, commit: commit('a') },
      { cursor: { session_id: closed, offset: 6 }, commit: commit('b') },
      { cursor: { session_id: conflicting, offset: 5 }, commit: commit('taken') },
      { cursor: { session_id: 'none', offset: 0 }, commit: commit('c') },
    ]
    const { result } = await client.filesUploadSessionFinishBatchV2({ entries })
    expect(result.entries).toMatchObject([
      { '.tag': 'failure', failure: { '.tag': 'lookup_failed', lookup_failed: { '.tag': 'not_closed' } } },
      { '.tag': 'success', name: 'b', size: 6 },
      { '.tag': 'failure', failure: { '.tag': 'path', path: { '.tag': 'conflict', conflict: { '.tag': 'file' } } } },
      { '.tag': 'failure', failure: { '.tag': 'lookup_failed', lookup_failed: { '.tag': 'not_found' } } },
    ])
    const append = client.filesUploadSessionAppendV2({ cursor: { session_id: conflicting, offset: 5 }, contents: 'x' })
    expect(await summaryOf(append)).toBe('closed')
  })

  it('the older batch is a job', async () => {
    const session_id = await start('text', { close: true })
    const entries = [{ cursor: { session_id, offset: 4 }, commit: commit('a') }]
    const launched = (await client.filesUploadSessionFinishBatch({ entries })).result
    const async_job_id = launched['.tag'] === 'async_job_id' ? launched.async_job_id : ''
    expect((await client.filesUploadSessionFinishBatchCheck({ async_job_id })).result).toEqual({
      '.tag': 'in_progress',
    })
    expect((await client.filesUploadSessionFinishBatchCheck({ async_job_id })).result).toMatchObject({
      '.tag': 'complete',
      entries: [{ '.tag': 'success', name: 'a' }],
    })
    expect(await summaryOf(client.filesUploadSessionFinishBatchCheck({ async_job_id: 'none' }))).toBe(
      'invalid_async_job_id',
    )
  })

  it('pieces of a concurrent session come in any order, in whole units', async () => {
    const concurrent = { session_type: { '.tag': 'concurrent' } }
    expect(
      await summaryOf(client.filesUploadSessionStart({ contents: 'x', session_type: { '.tag': 'concurrent' } })),
    ).toBe('concurrent_session_data_not_allowed')
    const session_id = await start('', concurrent)
    const append = (contents: Uint8Array, offset: number, close = false) =>
      client.filesUploadSessionAppendV2({ cursor: { session_id, offset }, contents, close })
    const first = Buffer.alloc(unit, 'a')
    const second = Buffer.alloc(unit, 'b')
    expect(await summaryOf(append(first, 1))).toBe('concurrent_session_invalid_offset')
    expect(await summaryOf(append(first.subarray(1), 0))).toBe('concurrent_session_invalid_data_size')
    await append(Buffer.from('end'), 2 * unit, true)
    const finish = () =>
      client.filesUploadSessionFinish({ cursor: { session_id, offset: 2 * unit + 3 }, commit: commit('big') })
    expect(await summaryOf(finish())).toBe('concurrent_session_missing_data')
    const again = await start('', concurrent)
    const piece = (contents: Uint8Array, offset: number, close = false) =>
      client.filesUploadSessionAppendV2({ cursor: { session_id: again, offset }, contents, close })
    await Promise.all([piece(second, unit), piece(first, 0)])
    await piece(Buffer.from('end'), 2 * unit, true)
    const { result } = await client.filesUploadSessionFinish({
      cursor: { session_id: again, offset: 2 * unit + 3 },
      commit: commit('big'),
    })
    expect(result.content_hash).toBe(hashOf(Buffer.concat([first, second, Buffer.from('end')])))
  })

  it('a session lasts seven days', async () => {
    const session_id = await start('text')
    dropbox.tree.setClock(Date.now() + 7 * 86_400_000 + 1000)
    try {
      const accessToken = dropbox.issueToken().accessToken
      const later = clientOf(dropbox, { accessToken })
      expect(
        await summaryOf(later.filesUploadSessionAppendV2({ cursor: { session_id, offset: 4 }, contents: 'x' })),
      ).toBe('not_found')
    } finally {
      dropbox.tree.setClock(undefined)
    }
  })
})

it('the hash of content is that of its blocks', () => {
  const block = Buffer.alloc(unit, 'x')
  const digest = createHash('sha256').update(block).digest()
  const expected = createHash('sha256').update(digest).update(createHash('sha256').update('y').digest()).digest('hex')
  expect(hashOf(Buffer.concat([block, Buffer.from('y')]))).toBe(expected)
})
