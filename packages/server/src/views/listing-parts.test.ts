import { memory, root, type StorageDriver } from '@filegate/core'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { everything, type Scope } from '../access/scope.ts'
import { folderApp, type ReadingApp, storageApp } from '../testing/reading-app.ts'

const opened: ReadingApp[] = []
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close()
})
function opening(app: ReadingApp): ReadingApp {
  opened.push(app)
  return app
}

const shape = z.looseObject({ paths: z.array(z.looseObject({ name: z.string() })), next_after: z.string().nullable() })

async function partAt(app: ReadingApp, target: string): Promise<{ names: string[]; next: string | null }> {
  const response = await app.get(target)
  const { paths, next_after } = shape.parse(await response.json())
  return { names: paths.map(({ name }) => name), next: next_after }
}

async function* parts(app: ReadingApp, target: string): AsyncGenerator<string[]> {
  let next: string | null = ''
  while (next !== null) {
    const part: Awaited<ReturnType<typeof partAt>> = await partAt(app, next === '' ? target : `${target}&after=${next}`)
    yield part.names
    next = part.next
  }
}

async function collected(found: AsyncIterable<string[]>): Promise<string[][]> {
  const names: string[][] = []
  for await (const part of found) names.push(part)
  return names
}

const all = async (app: ReadingApp, target: string): Promise<string[]> => (await collected(parts(app, target))).flat()

const files = { 'b.txt': 'bb', 'a10.txt': 'a', 'a9.txt': 'aaa', 'src/one.ts': '', 'Empty/': '' }

const veiled: Scope = {
  ...everything,
  unrestricted: false,
  level: () => 'read',
  shows: (path) => !path.endsWith('b.txt'),
}

describe('a folder on the local disk, part by part', () => {
  test('comes in the order of the whole, with one more key that leads on', async () => {
    const app = opening(folderApp(files))
    const found = await collected(parts(app, '/api/v1/files/?limit=2'))
    expect(found).toEqual([['Empty', 'src'], ['a9.txt', 'a10.txt'], ['b.txt']])
    const response = await app.get('/api/v1/files/?limit=5')
    expect(Object.keys(z.record(z.string(), z.unknown()).parse(await response.json())).slice(-3)).toEqual([
      'uri_prefix',
      'user',
      'next_after',
    ])
    expect((await partAt(app, '/api/v1/files/?limit=5')).next).toBeNull()
  })

  test('is sorted as a whole', async () => {
    const app = opening(folderApp(files))
    expect(await all(app, '/api/v1/files/?limit=1&sort=size&order=desc')).toEqual([
      'src',
      'Empty',
      'a9.txt',
      'b.txt',
      'a10.txt',
    ])
  })

  test('goes on where the last entry stood, even when it is gone', async () => {
    const app = opening(folderApp(files))
    const { names, next } = await partAt(app, '/api/v1/files/?limit=3')
    expect(names.at(-1)).toBe('a9.txt')
    rmSync(join(app.folder, 'a9.txt'))
    expect((await partAt(app, `/api/v1/files/?limit=3&after=${next}`)).names).toEqual(['a10.txt', 'b.txt'])
  })

  test('may be large, and shows nothing that the caller may not see', async () => {
    const many = Object.fromEntries(Array.from({ length: 2500 }, (_, at) => [`item-${at}.log`, '']))
    const app = opening(folderApp({ ...many, 'b.txt': '' }, { scope: veiled }))
    expect(await all(app, '/api/v1/files/?limit=1000')).toEqual(Object.keys(many))
  })
})

describe('a storage elsewhere, part by part', () => {
  test('comes as the storage orders it, and only what is in a part is sorted', async () => {
    const storage = memory({ 'c.txt': '1', 'b.txt': '333', 'a.txt': '22', 'd.txt': '' }, { pageSize: 100 })
    const app = opening(storageApp(storage))
    const order = (await storage.list(root)).items.map(({ name }) => name)
    const found = await collected(parts(app, '/api/v1/files/?limit=2'))
    expect(found).toEqual([order.slice(0, 2), order.slice(2)])
    const sorted = await collected(parts(app, '/api/v1/files/?limit=2&order=desc'))
    expect(sorted).toEqual(found.map((names) => names.toSorted().toReversed()))
  })

  test('is asked for no more than the part, as often as its own pages are short', async () => {
    const asked: (number | undefined)[] = []
    const inner = memory(Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`file-${at}`, ''])), { pageSize: 3 })
    const storage: StorageDriver = {
      ...inner,
      list(path, options) {
        asked.push(options?.limit)
        return inner.list(path, { ...options, limit: Math.min(3, options?.limit ?? 3) })
      },
    }
    const app = opening(storageApp(storage))
    expect((await partAt(app, '/api/v1/files/?limit=4')).names).toHaveLength(4)
    expect(asked).toEqual([4, 1])
    expect(await all(app, '/api/v1/files/?limit=4')).toHaveLength(10)
  })

  test('leaves out what the caller may not see and fills the part with what follows', async () => {
    const app = opening(
      storageApp(memory({ 'a.txt': '', 'b.txt': '', 'c.txt': '' }, { pageSize: 1 }), { scope: veiled }),
    )
    expect(await collected(parts(app, '/api/v1/files/?limit=2'))).toEqual([['a.txt', 'c.txt']])
  })
})

test('what leads on tells nothing of an entry that the caller may not see, and is of use to no other listing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'filegate-parts-'))
  const settings = { dataDirectory: folder }
  const storage = memory({ 'a.txt': '', 'b.txt': '', 'c.txt': '', 'd/e': '', 'd/f': '', 'd/g': '' })
  const leaky: StorageDriver = {
    ...storage,
    async list(path, options) {
      const { items, cursor } = await storage.list(path, { ...options, limit: 1 })
      return { items, cursor: cursor && `${cursor} before b.txt` }
    },
  }
  const opaque: StorageDriver = {
    ...leaky,
    list: (path, options) => leaky.list(path, { ...options, cursor: options?.cursor?.replace(' before b.txt', '') }),
  }
  const app = opening(storageApp(opaque, { scope: veiled, settings }))
  const { next } = await partAt(app, '/api/v1/files/?limit=1')
  const seen = Buffer.from(next ?? '', 'base64url').toString()
  expect(seen).not.toBe('')
  expect(seen).not.toContain('b.txt')
  expect((await all(app, '/api/v1/files/?limit=1')).toSorted()).toEqual(['a.txt', 'c.txt', 'd'])
  expect((await app.get(`/api/v1/files/d?limit=1&after=${next}`)).status).toBe(400)
  const everybody = opening(storageApp(opaque))
  expect((await everybody.get(`/api/v1/files/?limit=1&after=${next}`)).status).toBe(400)
  rmSync(folder, { recursive: true })
})

test('what is no part of a listing is refused, with the name of the parameter', async () => {
  const local = opening(folderApp(files))
  const remote = opening(storageApp(memory({ 'a.txt': '', 'b.txt': '' })))
  const { next: fromLocal } = await partAt(local, '/api/v1/files/?limit=1')
  const { next: fromRemote } = await partAt(remote, '/api/v1/files/?limit=1')
  const wrong: [ReadingApp, string][] = [
    [local, '?limit=0'],
    [local, '?limit=10001'],
    [local, '?limit='],
    [local, '?after=abc'],
    [local, '?limit=1&after='],
    [local, '?limit=1&after=%00'],
    [local, `?limit=1&after=${Buffer.from('["a","Door",1,2]').toString('base64url')}`],
    [local, `?limit=1&after=${fromRemote}`],
    [remote, `?limit=1&after=${fromLocal}`],
  ]
  for (const [app, query] of wrong) {
    const response = await app.get(`/api/v1/files/${query}`)
    expect([query, response.status]).toEqual([query, 400])
    expect(await response.text()).toMatch(/limit|after/)
  }
})

test('a caller who gives no limit gets the documented keys and everything', async () => {
  const app = opening(folderApp(files))
  const listing = z.record(z.string(), z.unknown()).parse(await (await app.get('/api/v1/files/')).json())
  expect(Object.keys(listing)).not.toContain('next_after')
})
