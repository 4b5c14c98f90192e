import { spawnSync } from 'node:child_process'
import {
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve, type Serving } from '../e2e/serving.ts'

/** Programs that other people open our archives with, and make the archives that we open with. */
const packages = {
  unzip: 'unzip',
  zip: 'zip',
  '7z': 'p7zip-full',
  tar: 'tar',
  bzip2: 'bzip2',
  xz: 'xz-utils',
  zstd: 'zstd',
  python3: 'python3',
} as const
type Program = keyof typeof packages

const lacks = (program: Program): boolean => spawnSync(program, ['--help']).error !== undefined
const missing = Object.keys(packages).filter(
  (program): program is Program => program in packages && lacks(program as Program),
)
for (const program of missing)
  console.log(`Skipped: tests with ${program}, which the package ${packages[program]} would bring.`)
const without = (...programs: readonly Program[]): boolean => programs.some((program) => missing.includes(program))

let serving: Serving
let work = ''
const words = 'These words come again and again. '.repeat(3000)

beforeAll(async () => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-archive-')))
  serving = await serve({
    'tree/readme.txt': words,
    'tree/grüße ✓/file.txt': 'hello',
    'tree/empty/': '',
    'tree/large.bin': Buffer.alloc(3_000_000, words),
    'made/': '',
    'sparse/': '',
  })
  const time = new Date('2020-02-02T02:02:02Z')
  for (const name of ['readme.txt', 'large.bin']) utimesSync(join(serving.folder, 'tree', name), time, time)
})
afterAll(async () => {
  await serving.stop()
  rmSync(work, { recursive: true, force: true })
})

function run(program: string, args: readonly string[], cwd = work): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stdout}${stderr}`)
  return stdout
}

async function download(path: string, name: string): Promise<string> {
  const response = await serving.fetch(path)
  const target = join(work, name)
  // The two declarations of the same stream, the one of the web and the one of Node, do not know of each other.
  await pipeline(Readable.fromWeb(response.body as NodeReadableStream<Uint8Array>), createWriteStream(target))
  return target
}

describe('an archive that we make', () => {
  it.skipIf(without('unzip'))('passes the test of unzip and unpacks to the same files', async () => {
    const archive = await download('/tree?zip', 'unzip.zip')
    expect(run('unzip', ['-tq', archive])).toContain('No errors detected')
    run('unzip', ['-q', archive, '-d', join(work, 'unzipped')])
    for (const name of ['readme.txt', 'grüße ✓/file.txt', 'large.bin']) {
      const [ours, original] = [join(work, 'unzipped', name), join(serving.folder, 'tree', name)].map((path) =>
        readFileSync(path),
      )
      expect(original?.equals(ours ?? Buffer.alloc(0))).toBe(true)
    }
    expect(run('ls', ['-A', join(work, 'unzipped', 'empty')])).toBe('')
    expect(run('stat', ['-c', '%Y', join(work, 'unzipped', 'large.bin')]).trim()).toBe('1580608922')
  })

  it.skipIf(without('7z'))('passes the test of 7-Zip', async () => {
    expect(run('7z', ['t', await download('/tree?zip', '7z.zip')])).toContain('Everything is Ok')
  })

  it.skipIf(without('python3'))('passes the test of Python', async () => {
    const script = 'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nprint(z.testzip(), sorted(z.namelist()))'
    const archive = await download('/tree?zip', 'python.zip')
    expect(run('python3', ['-c', script, archive])).toContain("None ['empty/', 'grüße ✓/', 'grüße ✓/file.txt'")
  })

  it.skipIf(without('unzip', '7z', 'python3'))('holds a file of more than 4 GiB, and files behind it', async () => {
    const large = join(serving.folder, 'sparse', 'a-sparse.bin')
    writeFileSync(large, 'start')
    truncateSync(large, 4 * 1024 ** 3 + 5)
    writeFileSync(join(serving.folder, 'sparse', 'b-behind.txt'), 'behind')
    try {
      const archive = await download('/sparse?zip', 'sparse.zip')
      expect(run('unzip', ['-p', archive, 'b-behind.txt'])).toBe('behind')
      expect(run('7z', ['t', archive])).toContain('Everything is Ok')
      const script =
        'import sys, zipfile\nprint([(i.filename, i.file_size) for i in zipfile.ZipFile(sys.argv[1]).infolist()])'
      expect(run('python3', ['-c', script, archive])).toContain("('a-sparse.bin', 4294967301), ('b-behind.txt', 6)")
    } finally {
      rmSync(large)
    }
  })
})

describe('an archive that others make', () => {
  it.for([
    ['tar.gz', ['tar'], ['tar', '-czf']],
    ['tar.bz2', ['tar', 'bzip2'], ['tar', '-cjf']],
    ['tar.xz', ['tar', 'xz'], ['tar', '-cJf']],
    ['tar.zst', ['tar', 'zstd'], ['tar', '--zstd', '-cf']],
    ['tar', ['tar'], ['tar', '--format=pax', '-cf']],
    ['zip', ['zip'], ['zip', '-qr']],
    ['7z', ['7z'], ['7z', 'a', '-bd']],
  ] as const)('is listed and read: %s', async ([format, programs, [program, ...args]], { skip }) => {
    skip(without(...programs), `needs ${programs.join(', ')}`)
    mkdirSync(join(serving.folder, 'made'), { recursive: true })
    run(
      program,
      [...args, join(serving.folder, 'made', `a.${format}`), 'readme.txt', 'large.bin', 'grüße ✓'],
      join(serving.folder, 'tree'),
    )
    const listing = await (await serving.fetch(`/made/a.${format}?preview`)).json()
    expect(listing).toMatchObject({ format, total_files: 3, total_size: words.length + 3_000_000 + 5 })
    const entry = await serving.fetch(`/made/a.${format}?preview=large.bin`)
    expect(Buffer.from(await entry.arrayBuffer()).equals(Buffer.alloc(3_000_000, words))).toBe(true)
    const named = await serving.fetch(`/made/a.${format}?preview=${encodeURIComponent('grüße ✓/file.txt')}`)
    expect(await named.text()).toBe('hello')
  })
})
