import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { joinPath, localAccessOf, memory, parsePath, siblingModule, type StorageDriver } from '@filegate/core'
import { createKnownFolders, openLocalDriver } from '@filegate/driver-local'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { everything, type Scope } from '../access/scope.ts'
import { Query } from '../http/query.ts'
import { type GlobOutcome, glob } from './glob.ts'
import type { GlobThreads } from './glob-crew.ts'
import { globRequest } from './glob-request.ts'
import { createThreadPool } from './thread-pool.ts'

type Tree = Readonly<Record<string, string>>
type Search = (query: Readonly<Record<string, string>>, path?: string, scope?: Scope) => Promise<GlobOutcome>

const threads: GlobThreads = createThreadPool(siblingModule(import.meta.url, './glob-thread'), {
  most: 4,
  idleTime: 2000,
})
const known = createKnownFolders()
const folders: string[] = []
afterAll(async () => {
  await threads.close()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function plant(tree: Tree): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-glob-')))
  folders.push(folder)
  for (const [path, content] of Object.entries(tree)) {
    const target = join(folder, path)
    mkdirSync(path.endsWith('/') ? target : dirname(target), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(target, content)
  }
  return folder
}

/** What happens from now on bears another time on disk than what has happened. */
function untilTimeMoves(): void {
  const probe = join(tmpdir(), `filegate-glob-probe-${process.pid}`)
  const now = (): number => {
    writeFileSync(probe, '')
    return lstatSync(probe).ctimeMs
  }
  const last = now()
  while (now() === last) continue
  rmSync(probe)
}

const searchOf =
  (storage: StorageDriver): Search =>
  (query, path = '', scope = everything) => {
    const request = globRequest(new Query(new URLSearchParams(query).toString()))
    const context = { storage, local: localAccessOf(storage), scope, path: parsePath(path), threads, known }
    return glob(context, request, new AbortController().signal)
  }

const onDisk = (folder: string): Search => searchOf(openLocalDriver({ root: folder, followsSymlinks: false }))
const paths = ({ found: { rows, order } }: GlobOutcome): string[] =>
  order.map((row) => joinPath(rows.source(row).folder, rows.name(row)))

const tree: Tree = {
  'a.ts': '1',
  'b.ts': '22',
  'src/c.ts': '333',
  'src/deep/d.ts': '4444',
  'src/e.js': '',
  'out/f.ts': '',
  '.cache/g.ts': '',
  '.gitignore': 'out/\n*.log\n',
  'x.log': '',
  'src/empty/': '',
}

describe.each([
  ['on a local disk', () => onDisk(plant(tree))],
  ['on any storage', () => searchOf(memory(tree, { pageSize: 2 }))],
])('a search for names %s', (_, searchIn) => {
  const search = searchIn()

  it('finds files and directories, and passes over what is ignored or hidden', async () => {
    const byName = { sort: 'name' }
    expect(paths(await search({ glob: '**/*.ts', ...byName }))).toEqual(['a.ts', 'b.ts', 'src/c.ts', 'src/deep/d.ts'])
    expect(paths(await search({ glob: '**/{deep,empty,out}', ...byName }))).toEqual(['src/deep', 'src/empty'])
    expect(paths(await search({ glob: '.cache/*' }))).toEqual(['.cache/g.ts'])
    expect(paths(await search({ glob: '**/*.{ts,log}', no_ignore: 'true', ...byName }))).toContain('out/f.ts')
    expect(paths(await search({ glob: '**/g.ts', hidden: 'true' }))).toEqual(['.cache/g.ts'])
    expect(paths(await search({ glob: 'out/*.ts' }))).toEqual([])
    expect(paths(await search({ glob: 'nowhere/*.ts' }))).toEqual([])
  })

  it('searches below a directory, by the rules of those above it', async () => {
    expect(paths(await search({ glob: '**/*.ts', sort: 'name' }, 'src'))).toEqual(['src/c.ts', 'src/deep/d.ts'])
    expect(paths(await search({ glob: '*.ts' }, 'src'))).toEqual(['src/c.ts'])
  })

  it('orders by size or name either way, and keeps the first of that order', async () => {
    const sizes = { glob: '**/*.ts', sort: 'size' }
    expect(paths(await search(sizes))).toEqual(['a.ts', 'b.ts', 'src/c.ts', 'src/deep/d.ts'])
    const largest = await search({ ...sizes, order: 'desc', max_results: '2' })
    expect([paths(largest), largest.truncated]).toEqual([['src/deep/d.ts', 'src/c.ts'], true])
    const last = await search({ glob: '**/*.ts', sort: 'name', order: 'desc', max_results: '1' })
    expect(paths(last)).toEqual(['src/deep/d.ts'])
    const { rows, order } = last.found
    const [row = -1] = order
    expect([rows.isDirectory(row), rows.size(row), rows.time(row) > 0]).toEqual([false, 4, true])
    expect((await search({ glob: '**/*.ts', max_results: '4' })).truncated).toBe(false)
  })

  it('looks at no more than it may', async () => {
    const few = await search({ glob: '**/*', max_files_scanned: '3' })
    expect([few.scanned, few.truncated]).toEqual([3, true])
    expect(paths(await search({ glob: '**/*.ts', max_depth: '2', sort: 'name' }))).toEqual(['a.ts', 'b.ts', 'src/c.ts'])
    expect(paths(await search({ glob: 'src/deep/*.ts', max_depth: '2' }))).toEqual([])
  })

  it('looks only where something can be', async () => {
    expect((await search({ glob: 'src/deep/*.ts' })).scanned).toBe(1)
    expect((await search({ glob: 'src/*/*.ts' })).scanned).toBe(5)
  })
})

describe('a search for names', () => {
  it('puts what was changed last first', async () => {
    const folder = plant({ old: '', new: '', middle: '' })
    for (const [name, time] of [
      ['old', 1000],
      ['middle', 2000],
      ['new', 3000],
    ] as const) {
      utimesSync(join(folder, name), time, time)
    }
    const search = onDisk(folder)
    expect(paths(await search({ glob: '*' }))).toEqual(['new', 'middle', 'old'])
    expect(paths(await search({ glob: '*', order: 'asc', max_results: '2' }))).toEqual(['old', 'middle'])
  })

  it('neither shows nor follows symbolic links', async () => {
    const folder = plant({ 'in/a.ts': '' })
    symlinkSync('in', join(folder, 'link'))
    symlinkSync('in/a.ts', join(folder, 'b.ts'))
    const search = onDisk(folder)
    expect(paths(await search({ glob: '**/*.ts' }))).toEqual(['in/a.ts'])
    expect(paths(await search({ glob: 'link/*.ts' }))).toEqual([])
  })

  it('shows nothing that is withheld from the caller, and does not count it', async () => {
    const search = onDisk(plant({ 'a/x.ts': '', 'b/x.ts': '', 'b/deep/x.ts': '', 'c.ts': '' }))
    const scope: Scope = {
      ...everything,
      unrestricted: false,
      unrestrictedBelow: () => false,
      shows: (path) => !path.startsWith('b'),
    }
    const outcome = await search({ glob: '**/*.ts', sort: 'name' }, '', scope)
    expect([paths(outcome), outcome.scanned]).toEqual([['a/x.ts', 'c.ts'], 3])
    expect(paths(await search({ glob: 'b/*.ts' }, '', scope))).toEqual([])
  })

  it('finds what came and misses what went since it last looked, in folders that it knows', async () => {
    const folder = plant({ 'a/one.ts': '', 'a/b/two.ts': '', 'c/three.ts': '' })
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] })
    const search = onDisk(folder)
    const found = async (): Promise<string[]> => {
      const outcome = await search({ glob: '**/*.ts', sort: 'name' })
      untilTimeMoves()
      return paths(outcome)
    }
    const reads = vi.spyOn(known, 'find')
    try {
      expect(await found()).toEqual(['a/b/two.ts', 'a/one.ts', 'c/three.ts'])
      expect(await found()).toEqual(['a/b/two.ts', 'a/one.ts', 'c/three.ts'])
      expect(reads.mock.results.filter(({ value }) => value !== undefined)).toHaveLength(4)
      renameSync(join(folder, 'a/b'), join(folder, 'c/d'))
      writeFileSync(join(folder, 'c/d/.gitignore'), 'two.*')
      writeFileSync(join(folder, 'c/d/four.ts'), '')
      expect(await found()).toEqual(['a/one.ts', 'c/d/four.ts', 'c/three.ts'])
      rmSync(join(folder, 'c/d/.gitignore'))
      rmSync(join(folder, 'a'), { recursive: true })
      expect(await found()).toEqual(['c/d/four.ts', 'c/d/two.ts', 'c/three.ts'])
      // The rules are read anew even where the folder is known.
      writeFileSync(join(folder, '.gitignore'), 'four.ts')
      expect(await found()).toEqual(['c/d/two.ts', 'c/three.ts'])
      writeFileSync(join(folder, '.gitignore'), 'two.ts')
      expect(await found()).toEqual(['c/d/four.ts', 'c/three.ts'])
    } finally {
      reads.mockRestore()
      vi.useRealTimers()
    }
  })

  it('finds the rules of a very large folder', async () => {
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, number) => [`f${number}.log`, '']))
    const search = onDisk(plant({ ...many, '.gitignore': '*.log', 'kept.txt': '' }))
    expect(paths(await search({ glob: '*' }))).toEqual(['kept.txt'])
  })
})

describe('trees that are generated', () => {
  const name = fc.constantFrom('a', 'b', '.c', 'a.x', 'b.x')
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
  const segment = fc.constantFrom('a', 'b', '*', '**', '*.x', '.c', '{a,b}', '?')
  const pattern = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'))

  it('are searched alike on a disk and on any storage', async () => {
    const property = fc.asyncProperty(
      fc.array(path, { minLength: 1, maxLength: 10 }),
      pattern,
      fc.constantFrom('', 'a/b', '*.x', '.c', '!.c'),
      fc.boolean(),
      async (files, text, rules, hidden) => {
        const planted: Record<string, string> = { '.gitignore': rules }
        for (const file of files) {
          const clashes = Object.keys(planted).some((one) => one.startsWith(`${file}/`) || file.startsWith(`${one}/`))
          if (!clashes) planted[file] = ''
        }
        const query = { glob: text, sort: 'name', hidden: String(hidden) }
        const disk = await onDisk(plant(planted))(query)
        const stored = await searchOf(memory(planted, { pageSize: 2 }))(query)
        expect([paths(disk), disk.scanned]).toEqual([paths(stored), stored.scanned])
      },
    )
    await fc.assert(property, { numRuns: 150 })
    expect.hasAssertions()
  })
})
