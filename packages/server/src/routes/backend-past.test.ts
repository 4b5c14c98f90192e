import { createHash } from 'node:crypto'
import { memory, parsePath, type StorageDriver, StorageError, streamBytes } from '@filegate/core'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type Scope, everything } from '../access/scope.ts'
import { numberedVersions, numberOf } from '../sources/versions.ts'
import { type ReadingApp, storageApp } from '../testing/reading-app.ts'

const start = Date.UTC(2024, 0, 1)
const opened: ReadingApp[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((app) => app.close()))
})

interface Kept {
  readonly driver: StorageDriver
  write(path: string, text: string, time: number): Promise<void>
  get(query: string, path?: string, init?: RequestInit): Promise<Response>
  history(query?: string, path?: string): Promise<readonly Shown[]>
}

interface Shown {
  readonly id: number
  readonly seq: number
  readonly ts: number
  readonly size: number
  readonly version: string
}

function keeping(versions = 10, scope: Scope = everything): Kept {
  const time = { now: start }
  const driver = memory({}, { versions, now: () => time.now })
  const app = storageApp(memory(), { backends: { bck_1: driver }, scope })
  opened.push(app)
  const get: Kept['get'] = async (query, path = 'notes.txt', init = {}) =>
    app.get(`/api/v1/files/${path}?backend=bck_1&${query}`, init)
  return {
    driver,
    get,
    async write(path, text, now) {
      time.now = now
      await driver.write?.(parsePath(path), { body: streamBytes(new TextEncoder().encode(text)) })
    },
    async history(query = '', path = 'notes.txt') {
      const response = await get(`history&${query}`, path)
      expect(response.status).toBe(200)
      return ((await response.json()) as { revisions: Shown[] }).revisions
    },
  }
}

async function three(versions?: number, scope?: Scope): Promise<Kept> {
  const kept = keeping(versions, scope)
  for (const [place, text] of ['one\n', 'two\nlines\n', 'three\nlines\nof it\n'].entries()) {
    await kept.write('notes.txt', text, start + place * 1000)
  }
  return kept
}

describe('the history of a file on a backend', () => {
  it('is the versions that are kept, the oldest first, in the form of the journal', async () => {
    const kept = await three()
    const response = await kept.get('history')
    const body = (await response.json()) as { revisions: Shown[] }
    expect(body).toMatchObject({ path: '/notes.txt', count: 3, has_more: false, next_after_id: null })
    expect(body.revisions).toMatchObject([
      { op: 'write', path: '/notes.txt', ts: start, size: 4, size_before: null },
      { op: 'write', path: '/notes.txt', ts: start + 1000, size: 10, size_before: 4 },
      { op: 'write', path: '/notes.txt', ts: start + 2000, size: 18, size_before: 10 },
    ])
    expect(body.revisions.every(({ id, seq, version }) => id === seq && version !== '')).toBe(true)
  })

  it('comes in pages, each of which leads to the next', async () => {
    const kept = await three()
    const all = await kept.history()
    const first = (await (await kept.get('history&limit=2')).json()) as { next_after_id: number }
    expect(first).toMatchObject({ count: 2, has_more: true, next_after_id: all[1]?.id })
    const second: unknown = await (await kept.get(`history&limit=2&after_id=${first.next_after_id}`)).json()
    expect(second).toMatchObject({ revisions: [{ id: all[2]?.id }], has_more: false, next_after_id: null })
    expect(await kept.history(`after_id=${all[2]?.id}`)).toEqual([])
    expect(await kept.history(`after_id=${(all[0]?.id ?? 0) - 1}`)).toHaveLength(3)
  })

  it('keeps its numbers when the vendor drops old versions', async () => {
    const kept = await three(3)
    const [, second, third] = await kept.history()
    await kept.write('notes.txt', 'four', start + 2000)
    const after = await kept.history()
    expect(after.slice(0, 2).map(({ seq, version }) => [seq, version])).toEqual(
      [second, third].map((shown) => [shown?.seq, shown?.version]),
    )
  })

  it('orders versions of one moment as the vendor does, in pages too', async () => {
    const kept = keeping()
    const texts = Array.from({ length: 8 }, (_, place) => 'x'.repeat(place + 1))
    for (const text of texts) await kept.write('notes.txt', text, start)
    const sizes: number[] = []
    for (let after = 0; ; ) {
      const [shown] = await kept.history(`limit=1&after_id=${after}`)
      if (!shown) break
      sizes.push(shown.size)
      after = shown.id
    }
    expect(sizes).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })
})

describe('a file of a backend as it was', () => {
  it('is read by its number, whole and in a range', async () => {
    const kept = await three()
    const [first, second] = await kept.history()
    expect(await (await kept.get(`revision=${first?.seq}`)).text()).toBe('one\n')
    const part = await kept.get(`revision=${second?.seq}`, 'notes.txt', { headers: { range: 'bytes=4-8' } })
    expect([part.status, await part.text()]).toEqual([206, 'lines'])
    const whole = await kept.get(`revision=${second?.seq}&download`)
    expect(whole.headers.get('content-disposition')).toContain('attachment')
    const etag = whole.headers.get('etag') ?? ''
    const again = await kept.get(`revision=${second?.seq}`, 'notes.txt', { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
  })

  it('is read by time: what was the newest then', async () => {
    const kept = await three()
    const at = async (time: string | number): Promise<string> => (await kept.get(`at=${time}`)).text()
    expect(await at(start)).toBe('one\n')
    expect(await at(start + 1999)).toBe('two\nlines\n')
    expect(await at('2024-01-01T00:00:01Z')).toBe('two\nlines\n')
    expect(await at(Date.now() + 60_000)).toBe('three\nlines\nof it\n')
  })

  it('is shown by every view that shows a file', async () => {
    const kept = await three()
    const [, second] = await kept.history()
    const text = 'two\nlines\n'
    const asked = `revision=${second?.seq}`
    expect(await (await kept.get(`${asked}&lines=2`)).text()).toBe('lines\n')
    expect(await (await kept.get(`${asked}&hash`)).json()).toMatchObject({
      hash: createHash('sha256').update(text).digest('hex'),
    })
    expect(await (await kept.get(`at=${start + 1000}&base64`)).json()).toMatchObject({
      base64: Buffer.from(text).toString('base64'),
    })
    expect(await (await kept.get(`${asked}&stat`)).json()).toMatchObject({ size: 10 })
  })

  it('differs from what it became', async () => {
    const kept = await three()
    const [first, second] = await kept.history()
    const between = await (await kept.get(`diff&from_seq=${first?.seq}&to_seq=${second?.seq}`)).text()
    expect(between).toContain('-one\n+two\n+lines\n')
    const sinceThen = await (await kept.get(`diff&from_ts=${start + 1000}`)).text()
    expect(sinceThen).toContain('-two\n+three\n lines\n+of it\n')
  })
})

describe('what a backend does not tell of the past', () => {
  const statuses = (kept: Kept, ...queries: readonly string[]): Promise<number[]> =>
    Promise.all(queries.map(async (query) => (await kept.get(query)).status))

  it('was before anything that is kept', async () => {
    const kept = await three()
    const [first] = await kept.history()
    expect(await statuses(kept, `at=${start - 1}`, `revision=${(first?.seq ?? 0) + 7}`, 'revision=1')).toEqual([
      404, 404, 410,
    ])
    expect(await (await kept.get('revision=1')).json()).toEqual({ error: expect.stringContaining('older than') })
  })

  it('is gone: a file that was removed is not there now', async () => {
    const kept = await three()
    const removed: StorageDriver = {
      ...kept.driver,
      stat: () => Promise.reject(new StorageError('NotFound', 'Nothing is there.')),
    }
    const app = storageApp(memory(), { backends: { bck_1: removed } })
    opened.push(app)
    const now = await app.get(`/api/v1/files/notes.txt?backend=bck_1&at=${Date.now() + 1000}`)
    expect([now.status, await now.json()]).toEqual([
      410,
      { error: 'File /notes.txt was deleted or moved at the requested point in time' },
    ])
    const then = await app.get(`/api/v1/files/notes.txt?backend=bck_1&at=${start}`)
    expect(await then.text()).toBe('one\n')
  })

  it('is of a folder, or of nothing', async () => {
    const kept = await three()
    await kept.write('folder/file', 'x', start)
    expect((await kept.get('history', 'folder')).status).toBe(400)
    expect((await kept.get('history', 'nothing')).status).toBe(404)
  })

  it('is asked wrongly', async () => {
    const kept = await three()
    const wrong = [
      'at=yesterday',
      'revision=0',
      'revision=x',
      'diff',
      'history&at=1',
      'history&hash',
      'diff&from_seq=1&from_ts=1',
    ]
    expect(await statuses(kept, ...wrong)).toEqual(wrong.map(() => 400))
  })

  it('is nothing at all where no versions are kept', async () => {
    const without: StorageDriver = { ...memory({ 'notes.txt': 'x' }) }
    delete without.revisions
    const app = storageApp(memory(), { backends: { bck_1: without } })
    opened.push(app)
    const response = await app.get('/api/v1/files/notes.txt?backend=bck_1&history')
    expect([response.status, await response.json()]).toEqual([
      400,
      {
        success: false,
        code: 'INVALID_PARAMETER',
        error: expect.stringContaining('(memory) keeps no earlier versions'),
      },
    ])
  })
})

describe('rights', () => {
  it('hold for what a file was', async () => {
    const shut: Scope = { ...everything, unrestricted: false, level: () => 'index', onBackend: () => shut }
    const kept = await three(10, shut)
    for (const query of ['history', `at=${start}`, 'revision=5', 'diff&from_ts=1']) {
      expect((await kept.get(query)).status, query).toBeGreaterThanOrEqual(401)
      expect((await kept.get(query)).status, query).toBeLessThanOrEqual(403)
    }
  })
})

describe('the number of a version', () => {
  const history = fc.uniqueArray(
    fc.record({ version: fc.string({ minLength: 1 }), modified: fc.nat({ max: 4 }).map((step) => start + step * 500) }),
    { selector: ({ version }) => version, minLength: 1, maxLength: 30 },
  )

  it('differs from all others, whatever is kept', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (versions) => {
        const entries = versions.map((facts) => ({ kind: 'file' as const, path: parsePath('f'), name: 'f', ...facts }))
        const revisions = async () => ({ items: entries })
        const numbered = await numberedVersions(revisions, parsePath('f'), new AbortController().signal)
        expect(new Set(numbered.map(({ number }) => number)).size).toBe(versions.length)
        expect(numbered.every(({ number }) => Number.isSafeInteger(number))).toBe(true)
      }),
    )
  })

  it('comes from its time and its identifier, and from nothing else', () => {
    expect(numberOf('a', start + 1)).toBe(numberOf('a', start + 1))
    expect(numberOf('a', start + 1)).not.toBe(numberOf('b', start + 1))
    expect(Math.floor(numberOf('a', start + 1) / 1000)).toBe(start + 1)
    expect(Math.floor(numberOf('a', start) / 1_000_000)).toBe(start / 1000)
    expect(numberOf('a', start + 0.7)).toBe(numberOf('a', start))
    expect(numberOf('a', -5)).toBeGreaterThan(0)
  })
})
