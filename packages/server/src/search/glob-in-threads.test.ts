import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { joinPath, type LocalAccess, localAccessOf, parsePath, siblingModule, type StorageDriver } from '@filegate/core'
import { createKnownFolders, openLocalDriver } from '@filegate/driver-local'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { everything, type Scope } from '../access/scope.ts'
import { Query } from '../http/query.ts'
import { type GlobOutcome, glob } from './glob.ts'
import type { GlobAnswer, GlobOrder } from './glob-messages.ts'
import { type GlobRequest, globRequest } from './glob-request.ts'
import { createThreadPool } from './thread-pool.ts'

const pool = createThreadPool<GlobOrder, GlobAnswer>(siblingModule(import.meta.url, './glob-thread'), {
  most: 4,
  idleTime: 60_000,
})
/** Folders that threads were told to read since it was emptied. */
const walked: string[] = []
/**
 * Threads that start when they are first wanted and are ready at once, as far as the search can tell: what they are told
 * waits for them. A search in time would have done all by itself before they were there, if the machine wants it so.
 */
const eager: typeof pool = {
  close: () => pool.close(),
  take(listener) {
    const thread = pool.take({
      onAnswer: (answer) => void (answer.type !== 'ready' && listener.onAnswer(answer)),
      onFailure: (error) => listener.onFailure(error),
    })
    return (
      thread && {
        release: (free) => thread.release(free),
        post(order, transfer) {
          if (order.type === 'read') walked.push(...order.folders)
          thread.post(order, transfer)
          if (order.type === 'begin') listener.onAnswer({ type: 'ready' })
        },
      }
    )
  },
}

const root = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-threads-')))
const folders = 400
const filesInFolder = 30
beforeAll(() => {
  for (let number = 0; number < folders; number++) {
    const folder = join(root, `part-${number % 4}`, `dir-${number}`)
    mkdirSync(folder, { recursive: true })
    for (let file = 0; file < filesInFolder; file++) {
      const path = join(folder, `file-${file}.${file % 3 ? 'js' : 'd.ts'}`)
      writeFileSync(path, 'x'.repeat((number * 7 + file) % 50))
      utimesSync(path, 1, ((number + file) % 20) + 1)
    }
    if (number % 10 === 0) writeFileSync(join(folder, '.gitignore'), 'file-1*\n')
  }
  writeFileSync(join(root, 'part-1/.gitignore'), 'dir-*5\n')
  writeFileSync(join(root, 'part-2/.ignore'), '*.js\n!file-2.js\n')
  mkdirSync(join(root, '.hidden'))
  writeFileSync(join(root, '.hidden/a.d.ts'), '')
  symlinkSync('part-0', join(root, 'link'))
  symlinkSync('../part-3', join(root, 'part-0/to-3'))
})
afterAll(async () => {
  await pool.close()
  rmSync(root, { recursive: true, force: true })
})

const whole = openLocalDriver({ root, followsSymlinks: false })
const nobody: typeof pool = { take: () => undefined, close: async () => {} }
const filtered: Scope = { ...everything, unrestricted: false, unrestrictedBelow: () => false }

type Words = Readonly<Record<string, string>>
interface Asked {
  readonly storage?: StorageDriver | undefined
  readonly scope?: Scope
  readonly path?: string
  readonly signal?: AbortSignal
  readonly threads?: typeof pool
  readonly changes?: Partial<GlobRequest>
}

async function search(
  words: Words,
  { storage = whole, scope = everything, path = '', signal, changes, threads = pool }: Asked = {},
) {
  const request = { ...globRequest(new Query(new URLSearchParams(words).toString())), ...changes }
  const local: LocalAccess | undefined = localAccessOf(storage)
  const context = {
    storage,
    local,
    scope,
    path: parsePath(path),
    threads,
    known: createKnownFolders(),
  }
  return answerOf(await glob(context, request, signal ?? new AbortController().signal))
}

/** In threads, which is made sure of. */
async function searchInThreads(words: Words, asked: Asked = {}) {
  walked.length = 0
  const outcome = await search(words, { ...asked, threads: eager })
  expect(walked.length).toBeGreaterThan(0)
  return outcome
}

/** Without what tells how it was found. */
const answerOf = ({ found: { rows, order }, ...rest }: GlobOutcome) => ({
  ...rest,
  entries: order.map((row) => ({
    path: joinPath(rows.source(row).folder, rows.name(row)),
    isDirectory: rows.isDirectory(row),
    size: rows.size(row),
    time: rows.time(row),
  })),
})

const all = { max_results: '10000', max_files_scanned: '500000' }

describe('a search for names in threads', () => {
  it.each([
    { glob: '**/*.d.ts' },
    { glob: '**/*', sort: 'size', order: 'desc' },
    { glob: '**/*.js', sort: 'name' },
    { glob: '**/{dir-?,file-2.*}', sort: 'mtime', order: 'asc' },
    { glob: '**', no_ignore: 'true', hidden: 'true' },
    { glob: '**/*', max_depth: '2' },
    { glob: '*/dir-1*/*.ts', max_results: '100' },
    { glob: 'part-2/**/file-*', sort: 'size', max_results: '50' },
  ])('finds what one thread finds, in the same order: %j', async (words) => {
    const query = { ...all, ...words }
    const alone = await search(query, { threads: nobody })
    expect(alone.entries.length).toBeGreaterThan(0)
    const together = await search(query)
    expect(together).toEqual(alone)
  })

  it('shares the work among threads', async () => {
    const { entries, scanned } = await searchInThreads({ glob: '**/*.d.ts', ...all, no_ignore: 'true' })
    expect([entries.length, scanned]).toEqual([folders * 10, 4 + folders * (filesInFolder + 1) + 1 + 2 + 40])
  })

  it('looks at exactly as much as it may', async () => {
    const few = await searchInThreads({ glob: '**', hidden: 'true', max_files_scanned: '7000', max_results: '10000' })
    expect([few.scanned, few.truncated, few.entries.length]).toEqual([7000, true, 7000])
  })

  it('starts from a link under the name of the link, and follows none on the way', async () => {
    const query = { glob: '**/*.d.ts', ...all, no_ignore: 'true', sort: 'name' }
    const found = await search(query, { path: 'link' })
    expect(found.entries).toHaveLength((folders / 4) * 10)
    expect(found.entries.every(({ path }) => path.startsWith('link/dir-'))).toBe(true)
  })

  it('serves who may reach one folder only as it serves everybody', async () => {
    const open = parsePath('part-0')
    const storage = localAccessOf(whole)?.narrowed([open])
    const scope: Scope = { ...filtered, unrestrictedBelow: (path) => path.startsWith(open) }
    const query = { glob: '**/*', ...all, sort: 'name' }
    const here = await search(query, { storage, scope: filtered, path: open, threads: nobody })
    expect(here.entries.length).toBeGreaterThan(1000)
    const there = await search(query, { storage, scope, path: open })
    expect(there).toEqual(here)
    await expect(search(query, { storage, scope, path: 'part-0/to-3' })).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('ends when the client leaves', async () => {
    const leaving = new AbortController()
    const asked = search({ glob: '**/*', ...all }, { signal: leaving.signal })
    leaving.abort()
    await expect(asked).rejects.toMatchObject({ code: 'Aborted' })
    // The threads go on to serve others.
    expect((await searchInThreads({ glob: '**/*.d.ts', ...all })).truncated).toBe(false)
  })

  it('goes on, also alone, when the machine stands still between any two steps', async () => {
    const query = { glob: 'part-2/**/file-*', ...all, sort: 'name' }
    const usual = await search(query, { threads: nobody })
    let now = performance.now()
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 100))
    onTestFinished(() => clock.mockRestore())
    expect(await search(query, { threads: nobody })).toEqual(usual)
  })

  it('says what it has found when time is up', async () => {
    const changes = { timeout: 15, maxResults: 1_000_000 }
    const outcome = await search({ glob: '**', hidden: 'true', ...all }, { changes })
    expect(outcome.scanned).toBe(outcome.entries.length)
    const none = await search({ glob: '**/*', ...all }, { changes: { timeout: 1 } })
    expect(none.truncated).toBe(true)
  })
})
