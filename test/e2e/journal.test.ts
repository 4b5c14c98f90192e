import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parsePath } from '@filegate/core'
import { defaultJournal } from '@filegate/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { allowAll, type Serving, serve } from './serving.ts'

let server: Serving
const start = (changes: Parameters<typeof serve>[1] = {}, tree: Parameters<typeof serve>[0] = {}) =>
  serve(tree, { allow: { ...allowAll, symlink: false, journal: true }, ...changes })

beforeEach(async () => {
  server = await start()
})
afterEach(() => server.stop())

const put = (path: string, body: string): Promise<Response> => server.fetch(path, { method: 'PUT', body })
const text = async (path: string): Promise<string> => (await server.fetch(path)).text()
/** Of any of the questions; each test knows what its own gives. */
interface Answer {
  readonly revisions: readonly { readonly ts: number; readonly after: string }[]
  readonly entries: readonly { readonly op: string; readonly path: string }[]
  readonly paths: readonly object[]
  readonly count: number
  readonly next_after_id: number | null
}
const json = async (path: string, init?: RequestInit): Promise<Answer> =>
  (await (await server.fetch(path, init)).json()) as Answer
/** Resolves with a moment that is after all that happened before, and before all that happens then. */
async function clockTicks(): Promise<number> {
  const between = Date.now() + 1
  await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(between)
  return between
}
const flush = () => json('/api/v1/journal/flush', { method: 'POST' })

describe('what a file was', () => {
  beforeEach(async () => {
    await put('/notes/plan.txt', 'one\ntwo\nthree\n')
    await clockTicks()
    await put('/notes/plan.txt', 'one\n2\nthree\nfour\n')
  })

  it('is listed on both surfaces, a page at a time', async () => {
    for (const surface of ['', '/api/v1/files']) {
      const all = await json(`${surface}/notes/plan.txt?history`)
      expect(all).toMatchObject({
        revisions: [
          { seq: 1, op: 'create', path: '/notes/plan.txt', size_after: 14, before: null },
          { seq: 2, op: 'write', size_before: 14, size_after: 17 },
        ],
        count: 2,
        has_more: false,
        next_after_id: null,
      })
      const first = await json(`${surface}/notes/plan.txt?history&limit=1`)
      expect(first).toMatchObject({ count: 1, has_more: true, revisions: [{ seq: 1 }] })
      const second = await json(`${surface}/notes/plan.txt?history&limit=1&after_id=${first.next_after_id}`)
      expect(second).toMatchObject({ count: 1, has_more: false, revisions: [{ seq: 2 }] })
    }
  })

  it('is read by revision and by time, and in every view of bytes', async () => {
    const { revisions } = await json('/notes/plan.txt?history')
    const { ts, after } = revisions[0] ?? { ts: 0, after: '' }
    for (const which of ['revision=1', `at=${ts}`, `at=${new Date(ts).toISOString()}`]) {
      const path = `/notes/plan.txt?${which}`
      expect(await text(path)).toBe('one\ntwo\nthree\n')
      expect(await text(`${path}&lines=2`)).toBe('two\n')
      expect(await text(`${path}&hash`)).toBe(after)
      expect(await text(`${path}&base64`)).toBe(btoa('one\ntwo\nthree\n'))
      const saved = await server.fetch(`${path}&download`)
      expect(saved.headers.get('content-disposition')).toContain('attachment')
    }
    expect(await json('/api/v1/files/notes/plan.txt?revision=1&hash')).toEqual({
      hash: after,
      algorithm: 'sha256',
    })
    const part = await server.fetch('/notes/plan.txt?revision=1', { headers: { range: 'bytes=4-6' } })
    expect([part.status, await part.text()]).toEqual([206, 'two'])
    const same = await server.fetch('/notes/plan.txt?revision=1', {
      headers: { 'if-none-match': `"${after}"` },
    })
    expect(same.status).toBe(304)
  })

  it('is compared with what it is, and with what it was at another time', async () => {
    const hunk = '@@ -1,3 +1,4 @@\n one\n-two\n+2\n three\n+four\n'
    expect(await text('/notes/plan.txt?diff&from_seq=1')).toMatch(
      /^--- a\/notes\/plan\.txt\t.*\n\+\+\+ b\/notes\/plan\.txt\t/,
    )
    for (const to of ['', '&to_seq=2', `&to_ts=${Date.now()}`]) {
      expect(await text(`/api/v1/files/notes/plan.txt?diff=1&from_seq=1${to}`)).toContain(hunk)
    }
    expect(await text('/notes/plan.txt?diff&from_seq=2')).toBe('')
    await put('/notes/plan.txt', 'a\0b')
    expect(await text('/notes/plan.txt?diff&from_seq=1')).toBe(
      'Binary files a/notes/plan.txt and b/notes/plan.txt differ\n',
    )
  })

  it('ends where it was deleted, and says so', async () => {
    await server.fetch('/notes/plan.txt', { method: 'DELETE' })
    const now = await server.fetch(`/notes/plan.txt?at=${Date.now()}`)
    expect([now.status, await now.json()]).toEqual([
      410,
      { error: 'File /notes/plan.txt was deleted or moved at the requested point in time' },
    ])
    expect((await server.fetch('/notes/plan.txt?revision=3')).status).toBe(410)
    expect(await text('/notes/plan.txt?revision=2')).toBe('one\n2\nthree\nfour\n')
    expect((await server.fetch('/notes/plan.txt')).status).toBe(404)
  })

  it('is counted in listings and in what is known of the file', async () => {
    const { paths } = await json('/notes/?json')
    expect(paths).toMatchObject([{ name: 'plan.txt', revisions: 2 }])
    expect(await json('/notes/plan.txt?json')).toMatchObject({ revisions: 2 })
    expect(await json('/api/v1/files/notes/plan.txt?stat')).toMatchObject({ revisions: 2 })
    expect((await json('/?json')).paths).toMatchObject([{ name: 'notes', revisions: null }])
  })

  it('is asked for in one way at a time, with values that mean something', async () => {
    const refused = [
      'history&at=1',
      'revision=1&diff&from_seq=1',
      'at=yesterday',
      'revision=0',
      'revision=one',
      'diff',
      'diff&from_seq=1&from_ts=1',
      'diff&from_seq=1&to_seq=1&to_ts=1',
      'history&lines=1',
      'history&limit=1001',
    ]
    const statuses = await Promise.all(
      refused.map(async (query) => (await server.fetch(`/notes/plan.txt?${query}`)).status),
    )
    expect(Object.fromEntries(refused.map((query, index) => [query, statuses[index]]))).toEqual(
      Object.fromEntries(refused.map((query) => [query, 400])),
    )
    expect((await server.fetch(`/notes?at=${Date.now()}`)).status).toBe(400)
    expect((await server.fetch('/notes/plan.txt?revision=7')).status).toBe(404)
    expect((await server.fetch('/notes/plan.txt?at=5')).status).toBe(404)
    expect((await server.fetch('/missing?history')).status).toBe(404)
  })
})

describe('the whole journal', () => {
  it('tells of what other programs did, without being asked to look', async () => {
    mkdirSync(join(server.folder, 'a'))
    writeFileSync(join(server.folder, 'a/file'), 'content')
    await expect
      .poll(async () => (await json('/api/v1/journal')).entries.map(({ op, path }) => `${op} ${path}`))
      .toEqual(['mkdir /a', 'create /a/file'])
    renameSync(join(server.folder, 'a'), join(server.folder, 'b'))
    expect(await flush()).toEqual({ flushed: true })
    const { entries } = await json('/api/v1/journal?path=/b&op=moved_to,dir_moved_to')
    expect(entries).toMatchObject([
      { op: 'dir_moved_to', path: '/b', source: '/a' },
      { op: 'moved_to', path: '/b/file', source: '/a/file', dest: '/b/file' },
    ])
  })

  it('is filtered by operation, path and time, and paged', async () => {
    await put('/x/1', 'one')
    await put('/x/2', 'two')
    const later = await clockTicks()
    await put('/y', 'three')
    expect((await json('/api/v1/journal?path=x')).count).toBe(3)
    expect((await json('/api/v1/journal?op=create')).count).toBe(3)
    expect((await json(`/api/v1/journal?since=${later}`)).entries).toMatchObject([{ path: '/y' }])
    const page = await json('/api/v1/journal?limit=2')
    expect(page).toMatchObject({ count: 2, has_more: true })
    expect(await json(`/api/v1/journal?after_id=${page.next_after_id}`)).toMatchObject({ count: 2, has_more: false })
    for (const query of ['op=nonsense', 'limit=0', 'since=never', 'path=../x']) {
      expect([query, (await server.fetch(`/api/v1/journal?${query}`)).status]).toEqual([query, 400])
    }
    expect(await json('/api/v1/journal/stats')).toMatchObject({
      total_entries: 4,
      total_blobs: 3,
      writer_healthy: true,
    })
  })

  it('is not there without --allow-journal, and says how to have it', async () => {
    await server.stop()
    server = await serve({ 'a.txt': 'x' })
    expect((await server.fetch('/api/v1/journal')).status).toBe(404)
    const answer = await server.fetch('/a.txt?history')
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('--allow-journal')])
  })
})

describe('contents', () => {
  it('larger than the limit are known by digest and size, and cannot be read again', async () => {
    await server.stop()
    server = await start({ journal: { ...defaultJournal, mostKept: 4 } })
    await put('/large.bin', 'more than four')
    await put('/large.bin', 'then another')
    await flush()
    const answer = await server.fetch('/large.bin?revision=1')
    expect([answer.status, await answer.json()]).toEqual([
      422,
      { error: 'Content for revision 1 of /large.bin is not stored (file exceeded journal size limit)' },
    ])
    const { revisions } = await json('/large.bin?history')
    expect(revisions).toMatchObject([
      { seq: 1, size: 14, blob: null },
      { seq: 2, size: 12, blob: null },
    ])
  })
})

describe('rights', () => {
  const grant = (path: string, level: 'read' | 'write') => ({ path: parsePath(path), level })
  const as = (user: string) => ({ headers: { authorization: `Basic ${btoa(`${user}:pw`)}` } })

  beforeEach(async () => {
    await server.stop()
    server = await start(
      {
        accounts: [
          { user: 'ann', password: 'pw', paths: [grant('', 'write')] },
          { user: 'bob', password: 'pw', paths: [grant('team', 'read')] },
        ],
      },
      { 'private/SECRET.txt': 'SECRET', 'team/open.txt': 'open' },
    )
    await server.fetch('/private/SECRET.txt', {
      ...as('ann'),
      method: 'MOVE',
      headers: { ...as('ann').headers, destination: `${server.origin}/team/moved.txt` },
    })
  })

  it('hold for every question to the journal', async () => {
    for (const path of [
      '/api/v1/journal',
      '/team/moved.txt?history',
      '/team/moved.txt?revision=1',
      '/team/moved.txt?diff&from_seq=1',
      '/private/SECRET.txt?history',
      '/private/SECRET.txt?at=1',
      '/api/v1/journal?path=private',
      '/api/v1/journal/stats',
    ]) {
      const answer = await server.fetch(path, as('bob'))
      const said = await answer.text()
      expect([path, said.replaceAll('/private/SECRET.txt', '')]).toEqual([
        path,
        expect.not.stringContaining('"content"'),
      ])
      const told = path.startsWith('/private') ? said.replaceAll('/private/SECRET.txt', '') : said
      expect([path, told]).toEqual([path, expect.not.stringContaining('SECRET')])
      expect([path, [200, 403].includes(answer.status)]).toEqual([path, true])
    }
    expect((await server.fetch('/private/SECRET.txt?history', as('bob'))).status).toBe(403)
    expect((await server.fetch('/team/moved.txt?revision=1', as('bob'))).status).toBe(403)
    expect((await server.fetch('/api/v1/journal')).status).toBe(401)
    expect(await (await server.fetch('/team/moved.txt?revision=1', as('ann'))).text()).toBe('SECRET')
  })
})
