import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  type Entry,
  localAccessOf,
  memory,
  parsePath,
  root,
  type StorageDriver,
  StorageError,
  streamBytes,
} from '@filegate/core'
import { openLocalDriver } from '@filegate/driver-local'
import * as fc from 'fast-check'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import yauzl from 'yauzl'
import { currentSource } from '../../sources/current.ts'
import { type ArchiveEntry } from '../archive.ts'
import { openArchiveBytes } from '../archive-bytes.ts'
import { createArchiveServices } from '../archive-services.ts'
import { openArchive } from '../open-archive.ts'
import { localPacker } from './local-packer.ts'
import { type Level, type PackItem } from './pack-jobs.ts'
import { createPackPool } from './pack-pool.ts'
import { streamPacker } from './stream-packer.ts'
import { type Unit, unitsOf } from './units.ts'
import { walkTree } from './walk-tree.ts'
import { writeZip } from './write-zip.ts'

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

type Tree = Readonly<Record<string, string | Uint8Array>>

const pool = createPackPool()
const services = createArchiveServices()
const { signal } = new AbortController()
afterAll(() => pool.close())

let base = ''
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-zip-')))
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

function plant(tree: Tree): StorageDriver {
  for (const [path, content] of Object.entries(tree)) {
    const target = join(base, path)
    mkdirSync(path.endsWith('/') ? target : dirname(target), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(target, content)
  }
  return openLocalDriver({ root: base, followsSymlinks: false })
}

async function zipOf(storage: StorageDriver, level: Level = 6, top = root): Promise<Buffer> {
  const local = localAccessOf(storage)
  const packer = local ? localPacker(local, pool, level, signal) : streamPacker(storage, pool, level, signal)
  return zipFrom(unitsOf(walkTree(storage, top, signal), top, packer.limits), storage, level)
}

async function zipFrom(units: AsyncGenerator<Unit>, storage: StorageDriver, level: Level): Promise<Buffer> {
  const local = localAccessOf(storage)
  const packer = local ? localPacker(local, pool, level, signal) : streamPacker(storage, pool, level, signal)
  return Buffer.concat(await all(writeZip(units, packer, level)))
}

/** What our own reader makes of it. */
async function readBack(zip: Buffer): Promise<Map<string, { entry: ArchiveEntry; content: Buffer | undefined }>> {
  const storage = memory({ 'a.zip': zip })
  const path = parsePath('a.zip')
  const file = await openArchiveBytes(currentSource(storage, undefined, path, await storage.stat(path)), signal)
  const archive = await openArchive(file, services)
  const found = new Map<string, { entry: ArchiveEntry; content: Buffer | undefined }>()
  const entries: ArchiveEntry[] = []
  await archive.list((entry) => entries.push({ ...entry }))
  for (const entry of entries) {
    const content = entry.type === 'file' ? await all((await archive.open(entry.path)).chunks) : undefined
    found.set(entry.path, { entry, content: content && Buffer.concat(content) })
  }
  return found
}

interface YauzlEntry {
  readonly entry: yauzl.Entry
  readonly content: Buffer
}

/** What a reader of somebody else makes of it: strict about names, sizes and checksums. */
async function readByYauzl(zip: Buffer): Promise<Map<string, YauzlEntry>> {
  const file = await new Promise<yauzl.ZipFile>((resolve, reject) => {
    yauzl.fromBuffer(zip, { strictFileNames: true, validateEntrySizes: true }, (error, opened) =>
      error ? reject(error) : resolve(opened),
    )
  })
  const entries: yauzl.Entry[] = []
  await new Promise<void>((resolve, reject) => {
    file.on('entry', (entry: yauzl.Entry) => entries.push(entry))
    file.on('end', () => resolve())
    file.on('error', reject)
  })
  const found = new Map<string, YauzlEntry>()
  for (const entry of entries) {
    const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
      file.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)))
    })
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(Buffer.from(chunk))
    found.set(entry.fileName, { entry, content: Buffer.concat(chunks) })
  }
  return found
}

const text = 'The quick brown fox jumps over the lazy dog. '.repeat(200)
const noise = (size: number): Buffer => {
  const bytes = Buffer.alloc(size)
  for (let at = 0, state = 1; at < size; at++) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
    bytes[at] = state >> 16
  }
  return bytes
}

const driverKinds = [
  ['a local folder', plant],
  ['any other storage', (tree: Tree) => memory(tree)],
] as const

describe.each(driverKinds)('an archive of %s', (_title, open) => {
  it.each([0, 1, 6, 9] as const)('holds the same bytes at level %i', async (level) => {
    const large = Buffer.concat([Buffer.from(text.repeat(200)), noise(900_000), Buffer.from(text.repeat(50))])
    const tree = {
      'text.txt': text,
      'noise.bin': noise(3000),
      'sub/large.bin': large,
      'sub/picture.png': text,
      empty: '',
    }
    const zip = await zipOf(open(tree), level)
    const found = await readByYauzl(zip)
    for (const [path, content] of Object.entries(tree)) {
      expect(found.get(path)?.content.equals(Buffer.from(content))).toBe(true)
    }
    expect(found.get('text.txt')?.entry.compressionMethod).toBe(level === 0 ? 0 : 8)
    expect(found.get('noise.bin')?.entry.compressionMethod).toBe(0)
    expect(found.get('sub/picture.png')?.entry.compressionMethod).toBe(0)
    const again = await readBack(zip)
    expect(again.get('sub/large.bin')?.content?.equals(large)).toBe(true)
  })

  it('has the folders too, the empty ones included, in one fixed order', async () => {
    const zip = await zipOf(
      open({ 'b/2.txt': '2', 'b/10.txt': '10', 'a/': '', 'z.txt': 'z', 'b/c/d.txt': 'd', 'B.txt': 'B' }),
    )
    const names = [...(await readByYauzl(zip)).keys()]
    expect(names).toEqual(['B.txt', 'z.txt', 'a/', 'b/', 'b/10.txt', 'b/2.txt', 'b/c/', 'b/c/d.txt'])
  })

  it('names entries from the folder that was asked for', async () => {
    const zip = await zipOf(
      open({ 'outer/inner/file.txt': 'x', 'outer/inner-not/file.txt': 'y' }),
      6,
      parsePath('outer/inner'),
    )
    expect([...(await readByYauzl(zip)).keys()]).toEqual(['file.txt'])
  })

  it('is a valid archive of nothing for an empty folder', async () => {
    const zip = await zipOf(open({}))
    expect(zip.length).toBe(22)
    expect((await readByYauzl(zip)).size).toBe(0)
  })

  it('defuses names that would be paths on Windows', async () => {
    const zip = await zipOf(open({ '..\\..\\evil.txt': '1', 'C:evil.txt': '2', 'grüße ✓.txt': '3', 'new\nline': '4' }))
    const names = [...(await readByYauzl(zip)).keys()]
    expect(names.toSorted()).toEqual(
      ['..\uFF3C..\uFF3Cevil.txt', 'C\uFF1Aevil.txt', 'grüße ✓.txt', 'new\nline'].toSorted(),
    )
  })
})

describe('an archive of a local folder', () => {
  it('keeps modification times and permissions', async () => {
    const storage = plant({ 'run.sh': '#!/bin/sh', 'folder/': '' })
    chmodSync(join(base, 'run.sh'), 0o4750)
    const time = new Date('2021-03-04T05:06:07.900Z')
    for (const name of ['run.sh', 'folder']) utimesSync(join(base, name), time, time)
    const zip = await zipOf(storage)
    const found = await readByYauzl(zip)
    expect(found.get('run.sh')?.entry.getLastModDate().toISOString()).toBe('2021-03-04T05:06:07.000Z')
    expect(found.get('folder/')?.entry.getLastModDate().toISOString()).toBe('2021-03-04T05:06:07.000Z')
    expect((found.get('run.sh')?.entry.externalFileAttributes ?? 0) >>> 16).toBe(0o100750)
    expect((await readBack(zip)).get('run.sh')?.entry).toMatchObject({ modified: 1_614_834_367, mode: 0o750 })
  })

  it('takes links to files for files, follows none to folders, and none that lead outside', async () => {
    const storage = plant({ 'inside/file.txt': 'inside' })
    const outside = mkdtempSync(join(tmpdir(), 'filegate-outside-'))
    try {
      writeFileSync(join(outside, 'secret'), 'secret')
      symlinkSync('inside/file.txt', join(base, 'to-file'))
      symlinkSync('inside', join(base, 'to-folder'))
      symlinkSync('.', join(base, 'inside', 'loop'))
      symlinkSync(join(outside, 'secret'), join(base, 'to-outside'))
      symlinkSync(outside, join(base, 'to-outside-folder'))
      const found = await readByYauzl(await zipOf(storage))
      expect([...found.keys()]).toEqual(['to-file', 'inside/', 'inside/file.txt'])
      expect(found.get('to-file')?.content.toString()).toBe('inside')
    } finally {
      rmSync(outside, { recursive: true })
    }
  })

  it('says what is missing when a file vanished after it was listed', async () => {
    const storage = plant({ 'stays.txt': 'here', 'filegate-errors.txt': 'a file of the user' })
    const item = (name: string): PackItem => {
      return { path: parsePath(name), name, kind: 'file', modified: 0, mode: 0o644 }
    }
    async function* units(): AsyncGenerator<Unit> {
      yield { kind: 'files', items: ['stays.txt', 'gone.txt', 'filegate-errors.txt'].map(item), size: 10 }
      yield { kind: 'large', item: item('gone-too.bin'), size: 5_000_000 }
    }
    const found = await readByYauzl(await zipFrom(units(), storage, 6))
    expect([...found.keys()]).toEqual(['stays.txt', 'filegate-errors.txt', 'filegate-errors-2.txt'])
    const report = found.get('filegate-errors-2.txt')?.content.toString()
    expect(report).toContain('2 entries are missing')
    expect(report).toContain('/gone.txt: ')
    expect(report).toContain('/gone-too.bin: ')
  })

  it('holds more than 65,535 entries', async () => {
    const count = 66_000
    async function* units(): AsyncGenerator<Unit> {
      for (let start = 0; start < count; start += 500) {
        const items = Array.from({ length: 500 }, (_, index): PackItem => {
          return { path: root, name: `d${start + index}/`, kind: 'directory', modified: 0, mode: undefined }
        })
        yield { kind: 'files', items, size: 0 }
      }
    }
    const zip = await zipFrom(units(), plant({}), 0)
    const names = [...(await readByYauzl(zip)).keys()]
    expect(names.length).toBe(count)
    expect(names.at(-1)).toBe('d65999/')
    expect((await readBack(zip)).size).toBe(count)
  })

  it('is what our reader and another one read back, whatever the tree', async () => {
    const name = fc.stringMatching(/^[a-zé✓ ._-]{1,12}$/).filter((text) => text !== '.' && text !== '..')
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'))
    const content = fc.oneof(fc.uint8Array({ maxLength: 5000 }), fc.constant(Buffer.from(text)))
    await fc.assert(
      fc.asyncProperty(fc.dictionary(path, content), fc.constantFrom(0, 1, 9), async (files, level: Level) => {
        const paths = Object.keys(files)
        const tree = paths.filter((path) => !paths.some((other) => other.startsWith(`${path}/`)))
        const storage = memory(Object.fromEntries(tree.map((path) => [path, files[path] ?? ''])))
        const zip = await zipOf(storage, level)
        const [ours, theirs] = [await readBack(zip), await readByYauzl(zip)]
        expect([...ours.keys()]).toEqual([...theirs.keys()])
        for (const path of tree) {
          const expected = Buffer.from(files[path] ?? '')
          expect(ours.get(path)?.content?.equals(expected)).toBe(true)
          expect(theirs.get(path)?.content.equals(expected)).toBe(true)
        }
      }),
      { numRuns: 25 },
    )
  })
})

describe('an archive that cannot be finished', () => {
  const broken = (path: string, after: number): StorageDriver => {
    const driver = memory({ 'a.txt': 'small', 'large.bin': noise(3_000_000), 'z.txt': 'small too' })
    return {
      ...driver,
      async read(asked, options) {
        const result = await driver.read(asked, options)
        return asked === path ? { ...result, body: streamBytes(noise(3_000_000).subarray(0, after)) } : result
      },
    }
  }

  it('breaks when a large file is shorter than it was said to be', async () => {
    await expect(zipOf(broken('large.bin', 2_999_999))).rejects.toThrow('changed its size')
  })

  it('breaks when a large local file shrinks while it is packed', async () => {
    const storage = plant({ 'large.bin': noise(20_000_000) })
    const local = localAccessOf(storage)
    if (!local) throw new Error('There is no local access.')
    const packer = localPacker(local, pool, 0, signal)
    const chunks = writeZip(unitsOf(walkTree(storage, root, signal), root, packer.limits), packer, 0)
    await chunks.next()
    writeFileSync(join(base, 'large.bin'), 'short now')
    await expect(all(chunks)).rejects.toThrow('became shorter')
  })

  it('stops reading when nobody wants the rest', async () => {
    const driver = memory(
      Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}.bin`, noise(10_000)])),
    )
    let reads = 0
    let open = 0
    const counted: StorageDriver = {
      ...driver,
      async read(path, options) {
        reads += 1
        open += 1
        const result = await driver.read(path, options)
        const end = new TransformStream<Uint8Array, Uint8Array>({
          flush: () => void (open -= 1),
          cancel: () => void (open -= 1),
        })
        return { ...result, body: result.body.pipeThrough(end) }
      },
    }
    const packer = streamPacker(counted, pool, 6, signal)
    const chunks = writeZip(unitsOf(walkTree(counted, root, signal), root, packer.limits), packer, 6)
    await chunks.next()
    await chunks.return()
    expect(reads).toBeLessThan(20)
    expect(open).toBe(0)
    const before = reads
    await new Promise((resolve) => setImmediate(resolve))
    expect(reads).toBe(before)
  })

  it('notes a small file that cannot be read, and goes on', async () => {
    const driver = memory({ 'a.txt': 'a', 'b.txt': 'b', 'sub/c.txt': 'c' })
    const deny = async (): Promise<never> => {
      throw new StorageError('AccessDenied', 'Not for you.')
    }
    const partial: StorageDriver = {
      ...driver,
      read: (path, options) => (path === 'a.txt' ? deny() : driver.read(path, options)),
      list: (path, options) => (path === 'sub' ? deny() : driver.list(path, options)),
    }
    const found = await readByYauzl(await zipOf(partial))
    expect([...found.keys()]).toEqual(['b.txt', 'sub/', 'filegate-errors.txt'])
    expect(found.get('filegate-errors.txt')?.content.toString()).toMatch(
      /2 entries.*\/a\.txt: Not for you\.\n\/sub: Not/s,
    )
  })

  it('is none at all when the folder itself cannot be listed', async () => {
    const driver = memory({ 'a.txt': 'a' })
    const list = async (): Promise<{ items: Entry[] }> => {
      throw new StorageError('AccessDenied', 'Not for you.')
    }
    await expect(zipOf({ ...driver, list })).rejects.toThrow('Not for you.')
  })
})
