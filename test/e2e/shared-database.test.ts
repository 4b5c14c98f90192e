import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Settings } from '@filegate/server'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DemoProvider, demoProvider } from '../../packages/server/src/backends/testing/demo-provider.ts'
import { startPostgres, type TestPostgres } from '../databases/postgres.ts'
import { allowAll, serve, type Serving } from './serving.ts'

/** Where it does not start, CI says so, and other places go without. */
const postgres = await startPostgres().catch((error: unknown) => {
  if (process.env['CI'] !== undefined) throw error
  console.warn(String(error))
})
const isThere = postgres !== undefined
afterAll(() => postgres?.stop())

let database: TestPostgres
let databaseUrl: string
let base: string
let demo: DemoProvider
const running: Serving[] = []
beforeAll(() => {
  if (postgres) database = postgres
})
beforeEach(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-shared-')))
  mkdirSync(join(base, 'served'))
  databaseUrl = await database.makeDatabase()
  demo = demoProvider()
  vi.stubEnv('FILEGATE_SECRET_KEY', 'the passphrase of both servers')
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
  rmSync(base, { recursive: true })
  vi.unstubAllEnvs()
})

/** One of several on the same database, with a data folder of that name. */
async function start(data: string, changes: Partial<Settings> = {}): Promise<Serving> {
  const place = { servedPath: join(base, 'served'), dataDirectory: join(base, data), databaseUrl }
  const server = await serve({}, { ...place, ...changes }, { providers: { demo: async () => demo.definition } })
  running.push(server)
  return server
}

const withJournal: Partial<Settings> = { allow: { ...allowAll, symlink: false, journal: true } }

async function stopped(server: Serving): Promise<void> {
  running.splice(running.indexOf(server), 1)
  await server.stop()
}

const put = async (server: Serving, path: string, body: string): Promise<number> =>
  (await server.fetch(path, { method: 'PUT', body })).status

interface History {
  readonly revisions: readonly { readonly seq: number; readonly op: string; readonly size: number }[]
  readonly entries: readonly { readonly op: string; readonly path: string }[]
}
const asked = async (server: Serving, path: string, init?: RequestInit): Promise<History> =>
  (await (await server.fetch(path, init)).json()) as History
const flush = (server: Serving) => asked(server, '/api/v1/journal/flush', { method: 'POST' })
const operations = async (server: Serving): Promise<string[]> =>
  (await asked(server, '/api/v1/journal')).entries.map(({ op, path }) => `${op} ${path}`)

describe.runIf(isThere)('two servers on one database', () => {
  it('have the same backends, with the next request', async () => {
    const [one, other] = [await start('one'), await start('other')]
    const body = JSON.stringify({ endpoint: 'https://demo.example', user: 'ada', password: 'marker-secret' })
    const headers = { 'content-type': 'application/json' }
    const answer = await one.fetch('/api/v1/backends/demo', { method: 'POST', headers, body })
    const { data } = (await answer.json()) as { data: { id: string } }
    const read = (path: string) => other.fetch(`/api/v1/files/${path}?backend=${data.id}`)
    expect(await (await read('who.txt')).text()).toBe('ada')
    expect(demo.connected).toHaveLength(2)
    const rotated = JSON.stringify({ password: 'marker-new' })
    expect((await one.fetch(`/api/v1/backends/${data.id}`, { method: 'PUT', headers, body: rotated })).status).toBe(200)
    await read('who.txt')
    expect(demo.connected.at(-1)).toMatchObject({ password: 'marker-new' })
    await one.fetch(`/api/v1/backends/${data.id}`, { method: 'DELETE' })
    expect((await read('who.txt')).status).toBe(404)
  })

  it('have the same journal, in which the changes of both follow each other', async () => {
    const [one, other] = [await start('data', withJournal), await start('data', withJournal)]
    for (const [index, server] of [one, other, one, other].entries()) {
      expect(await put(server, '/a.txt', 'x'.repeat(index + 1))).toBeLessThan(300)
    }
    for (const server of [one, other]) {
      expect((await asked(server, '/a.txt?history')).revisions.map(({ seq, op, size }) => [seq, op, size])).toEqual([
        [1, 'create', 1],
        [2, 'write', 2],
        [3, 'write', 3],
        [4, 'write', 4],
      ])
      expect(await (await server.fetch('/a.txt?revision=2')).text()).toBe('xx')
    }
    await Promise.all(Array.from({ length: 40 }, (_, file) => put(file % 2 === 0 ? one : other, `/many/${file}`, 'x')))
    const { entries } = await asked(one, '/api/v1/journal?path=many')
    expect(entries.filter(({ op }) => op === 'create')).toHaveLength(40)
    expect(entries.filter(({ op }) => op === 'mkdir')).toHaveLength(1)
  })

  it('watch the folder one at a time, and the other goes on when the first one ends', async () => {
    const [one, other] = [await start('data', withJournal), await start('data', withJournal)]
    writeFileSync(join(base, 'served', 'theirs.txt'), 'theirs')
    await flush(one)
    await flush(other)
    expect(await operations(other)).toEqual(['create /theirs.txt'])
    await stopped(one)
    await flush(other)
    await expect
      .poll(
        async () => {
          writeFileSync(join(base, 'served', 'later.txt'), String(Date.now()))
          return operations(other)
        },
        { timeout: 20_000, interval: 200 },
      )
      .toContain('write /later.txt')
  })

  it('need the same folder of contents: one that has another is not started', async () => {
    await start('data', withJournal)
    await expect(start('another', withJournal)).rejects.toThrow('belongs to another data folder')
  })
})

describe.runIf(isThere)('a server whose database is restarted', () => {
  it('changes nothing that it cannot enter meanwhile, and goes on afterwards', async () => {
    const server = await start('data', withJournal)
    expect(await put(server, '/a.txt', 'one')).toBe(201)
    await database.restart(async () => {
      expect(await put(server, '/a.txt', 'lost')).toBe(503)
      const answer = await server.fetch('/a.txt?history')
      expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('does not answer')])
      expect(await (await server.fetch('/a.txt')).text()).toBe('one')
      expect(readFileSync(join(base, 'served', 'a.txt'), 'utf8')).toBe('one')
      writeFileSync(join(base, 'served', 'theirs.txt'), 'meanwhile')
    })
    expect(await put(server, '/a.txt', 'two')).toBeLessThan(300)
    const said = () => operations(server)
    await expect.poll(said, { timeout: 20_000 }).toEqual(expect.arrayContaining(['create /theirs.txt']))
    expect((await asked(server, '/a.txt?history')).revisions.map(({ seq, size }) => [seq, size])).toEqual([
      [1, 3],
      [2, 3],
    ])
    await flush(server)
    expect(await (await server.fetch('/theirs.txt?revision=1')).text()).toBe('meanwhile')
  })
})
