import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory, root, type StorageDriver } from '@filegate/core'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { Query } from '../http/query.ts'
import { grepRequest } from './grep-request.ts'
import { createGrepThreads } from './grep-threads.ts'
import { searchWithRipgrep } from './ripgrep.ts'
import { walkStoredTree } from './stored-tree-walk.ts'
import { filesOf, searchWithThreads } from './thread-grep.ts'

const folder = mkdtempSync(join(tmpdir(), 'filegate-stop-'))
const threads = createGrepThreads()
afterAll(async () => {
  await threads.close()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

const request = (text: string, timeout = 60_000) => ({ ...grepRequest(new Query(text)), timeout })

/** In place of ripgrep: tells its process id, prints a match of a file, and goes on for ever. */
function endless(name: string): { readonly program: string; readonly running: () => number | undefined } {
  const program = join(folder, name)
  const note = join(folder, `${name}.pid`)
  const lines = [
    '#!/bin/sh',
    "printf './a.txt\\000'",
    "printf '1\\000'",
    "printf '1\\000foo\\n'",
    `echo $$ > ${note}`,
    'exec sleep 1000',
  ]
  writeFileSync(program, lines.join('\n'))
  chmodSync(program, 0o700)
  const running = (): number | undefined => (existsSync(note) && Number(readFileSync(note, 'utf8'))) || undefined
  return { program, running }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const noRules = { path: root, directory: folder, inheritedRules: '' }

/** Files without end; counts the bodies that are open. */
function endlessStorage(): StorageDriver & { readonly open: () => number } {
  let open = 0
  const base = memory({ 'a.txt': '', 'b.txt': '', 'c.txt': '' })
  return {
    ...base,
    open: () => open,
    async read(path, options) {
      open++
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode('nothing here\n'.repeat(1000)))
          // A network lets others run between two chunks.
          return new Promise((resolve) => setImmediate(resolve))
        },
        cancel() {
          open--
        },
      })
      return { ...(await base.read(path, options)), body }
    },
  }
}

const filesIn = (storage: StorageDriver, wanted: ReturnType<typeof request>) => (signal: AbortSignal) =>
  filesOf(walkStoredTree(storage, root, { limits: wanted, signal }))

describe('a search whose client leaves', () => {
  it('ends ripgrep', async () => {
    const { program, running } = endless('left')
    const client = new AbortController()
    const search = searchWithRipgrep({ ...noRules, program, request: request('grep=foo'), signal: client.signal })
    const pid = await vi.waitUntil(running, { timeout: 10_000 })
    client.abort()
    await expect(search).rejects.toMatchObject({ code: 'Aborted' })
    expect(isAlive(pid)).toBe(false)
  })

  it('cancels what is being read', async () => {
    const storage = endlessStorage()
    const wanted = { ...request('grep=foo'), maxFilesize: Number.MAX_SAFE_INTEGER }
    const client = new AbortController()
    const search = searchWithThreads(threads, { storage, files: filesIn(storage, wanted) }, wanted, client.signal)
    await vi.waitUntil(() => storage.open() === 3, { timeout: 10_000 })
    client.abort()
    await expect(search).rejects.toMatchObject({ code: 'Aborted' })
    await vi.waitUntil(() => storage.open() === 0, { timeout: 10_000 })
    expect(storage.open()).toBe(0)
  })

  it('does not begin at all when that was before', async () => {
    const signal = AbortSignal.abort()
    const wanted = request('grep=foo')
    const storage = memory({ a: 'foo' })
    await expect(
      searchWithThreads(threads, { storage, files: filesIn(storage, wanted) }, wanted, signal),
    ).rejects.toThrow('aborted')
    await expect(searchWithRipgrep({ ...noRules, program: '/bin/false', request: wanted, signal })).rejects.toThrow(
      'aborted',
    )
  })
})

describe('a search that is out of time', () => {
  const never = new AbortController().signal

  it('answers what ripgrep has found so far, and ends it', async () => {
    const { program, running } = endless('late')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const hour = 3_600_000
    const search = searchWithRipgrep({ ...noRules, program, request: request('grep=foo', hour), signal: never })
    // It has printed by then, however long it took to start.
    const pid = await vi.waitUntil(running, { timeout: 10_000 })
    vi.advanceTimersByTime(hour)
    expect(await search).toMatchObject({ truncated: true, filesMatched: 1, filesSearched: 1 })
    expect(isAlive(pid)).toBe(false)
  })

  it('answers what the threads have found so far, and cancels what is being read', async () => {
    const storage = endlessStorage()
    const wanted = { ...request('grep=foo', 300), maxFilesize: Number.MAX_SAFE_INTEGER }
    const outcome = await searchWithThreads(threads, { storage, files: filesIn(storage, wanted) }, wanted, never)
    expect(outcome).toMatchObject({ truncated: true, matches: [] })
    await vi.waitUntil(() => storage.open() === 0, { timeout: 10_000 })
  })

  it('ends a thread in the middle of its work', async () => {
    let text = ''
    for (let number = 1; text.length < 900_000; number = (number * 48_271) % 0x7fffffff) text += number % 2 ? 'a' : 'b'
    const storage = memory({ 'slow.txt': text })
    // Linear, but in each place there are hundreds of attempts to follow.
    const wanted = request(`grep=${encodeURIComponent('a[ab]{600}c')}`, 300)
    const before = process.cpuUsage()
    const outcome = await searchWithThreads(threads, { storage, files: filesIn(storage, wanted) }, wanted, never)
    expect(outcome).toMatchObject({ truncated: true, matches: [] })
    // Of all threads, in microseconds: what a busy machine does meanwhile does not count.
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(5e6)
  })
})

describe('the rules that ripgrep is handed', () => {
  it('leave no file behind', async () => {
    // Other tests of this machine have such files, too.
    const temporary = join(folder, 'temporary')
    mkdirSync(temporary)
    vi.stubEnv('TMPDIR', temporary)
    const { program, running } = endless('rules')
    const client = new AbortController()
    const search = { ...noRules, inheritedRules: '*.log', program, request: request('grep=foo'), signal: client.signal }
    const searching = searchWithRipgrep(search)
    await vi.waitUntil(running, { timeout: 10_000 })
    expect(readdirSync(temporary)).toEqual([expect.stringMatching(/^filegate-rules-/)])
    client.abort()
    await expect(searching).rejects.toMatchObject({ code: 'Aborted' })
    expect(readdirSync(temporary)).toEqual([])
  })
})
