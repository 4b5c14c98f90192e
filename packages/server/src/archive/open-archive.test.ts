import { readFileSync } from 'node:fs'
import { crc32, deflateRawSync, gunzipSync, gzipSync } from 'node:zlib'
import { memory, parsePath, type StorageDriver, StorageError, streamBytes } from '@filegate/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { currentSource } from '../sources/current.ts'
import type { Archive, ArchiveEntry } from './archive.ts'
import { openArchiveBytes } from './archive-bytes.ts'
import { createArchiveServices } from './archive-services.ts'
import { openArchive } from './open-archive.ts'

const services = createArchiveServices()
const { signal } = new AbortController()
const fixture = (name: string): Buffer => readFileSync(new URL(`./fixtures/${name}`, import.meta.url))

async function open(bytes: Uint8Array, name = 'archive', wrap = (driver: StorageDriver) => driver): Promise<Archive> {
  const storage = wrap(memory({ [name]: bytes }))
  const path = parsePath(name)
  return openArchive(
    await openArchiveBytes(currentSource(storage, undefined, path, await storage.stat(path)), signal),
    services,
  )
}

async function entriesOf(archive: Archive): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[] = []
  await archive.list((entry) => entries.push({ ...entry }))
  return entries
}

const list = async (bytes: Uint8Array, name?: string): Promise<ArchiveEntry[]> => entriesOf(await open(bytes, name))

const sizeOf = (entries: readonly ArchiveEntry[]): number => entries.reduce((sum, { size }) => sum + size, 0)

async function read(bytes: Uint8Array, path: string): Promise<string> {
  return contentOf(await open(bytes), path)
}

async function contentOf(archive: Archive, path: string): Promise<string> {
  const { chunks } = await archive.open(path)
  const found: Uint8Array[] = []
  for await (const chunk of chunks) found.push(chunk)
  return Buffer.concat(found).toString()
}

/** The code of what `work` throws, or `fine`. Anything but a StorageError is a defect and thrown on. */
async function outcome(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return 'fine'
  } catch (error) {
    if (StorageError.is(error)) return error.code
    throw error
  }
}

const deep = `tree/${Array.from({ length: 10 }, (_, index) => `deep-folder-${String(index + 1).padStart(2, '0')}/`).join('')}file.txt`
const text = Array.from({ length: 400 }, (_, index) => `line ${index + 1} of a text that compresses well\n`).join('')

describe.each([
  ['gnu.tar.gz', 'tar.gz'],
  ['ustar.tar.gz', 'tar.gz'],
  ['pax.tar.bz2', 'tar.bz2'],
  ['ustar.tar.xz', 'tar.xz'],
  ['pax.tar.zst', 'tar.zst'],
  ['info-zip.zip', 'zip'],
  ['plain.7z', '7z'],
])('%s', (name, format) => {
  const bytes = fixture(name)

  it('is recognised without its name, and listed', async () => {
    const archive = await open(bytes)
    expect(archive.format).toBe(format)
    const entries = await entriesOf(archive)
    const byPath = new Map(entries.map((entry) => [entry.path.replace(/\/$/, ''), entry]))
    expect(byPath.get('tree/hard')).toMatchObject({ type: 'file', size: 16, modified: 1_706_933_107 })
    expect(byPath.get('tree/docs/text.txt')).toMatchObject({ type: 'file', size: text.length, mode: 0o644 })
    expect(byPath.get('tree/empty')).toMatchObject({ type: 'directory', size: 0 })
    expect(byPath.get('tree/link')).toMatchObject({ type: 'symlink' })
    expect(byPath.has(deep)).toBe(true)
    expect(byPath.has('tree/docs/größe ✓.txt')).toBe(true)
  })

  it('gives the bytes of an entry', async () => {
    expect(await read(bytes, 'tree/hello.txt')).toBe('Hello, archive!\n')
    expect(await read(bytes, 'tree/docs/text.txt')).toBe(text)
    expect(await read(bytes, 'tree/docs/größe ✓.txt')).toBe('grüße\n')
    expect(await read(bytes, deep)).toBe('deep\n')
  })

  it('gives nothing for a name that is not listed exactly so', async () => {
    for (const path of [
      'hello.txt',
      'tree/hello',
      'tree/*.txt',
      '/tree/hello.txt',
      'tree/./hello.txt',
      'TREE/hello.txt',
    ]) {
      expect(await outcome(() => read(bytes, path))).toBe('NotFound')
    }
    const entries = await list(bytes)
    const folder = entries.find(({ type }) => type === 'directory')?.path ?? ''
    expect(await outcome(() => read(bytes, folder))).toBe('InvalidArgument')
  })

  it('is refused wherever it is cut off', async () => {
    // Each try of these takes a thread.
    const inThread = /7z|bz2|xz/.test(name)
    for (let length = 1; length < bytes.length; length += inThread ? Math.ceil(bytes.length / 8) : 1) {
      expect(await outcome(() => list(bytes.subarray(0, length)))).toBe('InvalidArgument')
    }
  })
})

describe('a tar archive', () => {
  const tar = gunzipSync(fixture('gnu.tar.gz'))

  it('tells what links lead to', async () => {
    const entries = await list(tar)
    expect(entries.find(({ type }) => type === 'symlink')).toMatchObject({ path: 'tree/link', linkTarget: 'hello.txt' })
    expect(entries.find(({ type }) => type === 'hardlink')).toMatchObject({ linkTarget: 'tree/hard', size: 0 })
    expect(sizeOf(entries)).toBe(16 + text.length + 8 + 5)
  })

  it('is read without its contents when it is not compressed', async () => {
    const large = Buffer.concat([tarHeader('large.bin', 50_000_000), Buffer.alloc(50_000_384), tar])
    let requested = 0
    const archive = await open(large, 'a', (driver) => ({
      ...driver,
      async read(path, options) {
        const result = await driver.read(path, options)
        const count = new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            requested += chunk.length
            controller.enqueue(chunk)
          },
        })
        return { ...result, body: result.body.pipeThrough(count) }
      },
    }))
    expect((await entriesOf(archive))[0]).toMatchObject({ path: 'large.bin', size: 50_000_000 })
    expect(requested).toBeLessThan(1_000_000)
  })

  it.each(['sparse-gnu.tar.gz', 'sparse-pax.tar.gz'])(
    'lists a sparse file and refuses to unpack it: %s',
    async (name) => {
      const entries = await list(fixture(name))
      expect(entries).toMatchObject([{ path: 'sp', size: 1_048_576 }])
      await expect(read(fixture(name), 'sp')).rejects.toThrow('sparse')
    },
  )

  it('is refused at every cut, and never answered wrongly after any change of a byte', async () => {
    for (let length = 1; length < tar.length - 10_240; length += 97) {
      expect(await outcome(() => list(tar.subarray(0, length)))).toBe('InvalidArgument')
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(tar.length - 1), fc.nat(255), async (at, byte) => {
        const changed = Buffer.from(tar)
        changed[at] = byte
        expect(['fine', 'InvalidArgument', 'TooLarge']).toContain(await outcome(() => list(changed)))
      }),
      { numRuns: 300 },
    )
  })

  it('shows hostile names as they are, and gives their bytes only under exactly that name', async () => {
    for (const name of ['../../etc/passwd', '/etc/passwd', 'a\\..\\b', 'line\nbreak']) {
      const hostile = Buffer.concat([tarHeader(name, 4), Buffer.from('evil'.padEnd(512, '\0')), Buffer.alloc(1024)])
      expect((await list(hostile))[0]?.path).toBe(name)
      expect(await read(hostile, name)).toBe('evil')
      expect(await outcome(() => read(hostile, 'etc/passwd'))).toBe('NotFound')
    }
  })

  it('is refused when names take more memory than names do', async () => {
    const hostile = Buffer.concat([tarHeader('././@LongLink', 100_000_000, 'L'), Buffer.alloc(4096)])
    expect(await outcome(() => list(hostile))).toBe('TooLarge')
  })

  it('is not what something compressed without it is', async () => {
    await expect(list(gzipSync('only text'), 'a.tar.gz')).rejects.toThrow('no tar archive')
    await expect(list(gzipSync(text), 'a.tar.gz')).rejects.toThrow('no tar archive')
  })
})

function tarHeader(name: string, size: number, flag = '0'): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\0', 100)
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write(flag, 156)
  header.write('ustar\u000000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

interface HandMade {
  readonly name: string | Buffer
  readonly data?: Buffer
  readonly method?: number
  readonly flags?: number
  readonly size?: number
  readonly compressedSize?: number
  readonly crc?: number
  readonly offset?: number
  readonly extra?: Buffer
  readonly madeBy?: number
}

/** A zip archive in which everything may be a lie. */
function handMade(entries: readonly HandMade[], before = Buffer.alloc(0)): Buffer {
  const locals: Buffer[] = []
  const records: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const name = Buffer.from(entry.name)
    const data = entry.data ?? Buffer.from('content')
    const extra = entry.extra ?? Buffer.alloc(0)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(entry.flags ?? 0x800, 2)
    common.writeUInt16LE(entry.method ?? 0, 4)
    common.writeUInt32LE(entry.crc ?? crc32(data), 10)
    common.writeUInt32LE(entry.compressedSize ?? data.length, 14)
    common.writeUInt32LE(entry.size ?? data.length, 18)
    common.writeUInt16LE(name.length, 22)
    locals.push(Buffer.concat([Buffer.from('PK\u0003\u0004'), common, name, data]))
    common.writeUInt16LE(extra.length, 24)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(entry.offset ?? offset, 10)
    records.push(Buffer.concat([Buffer.from([0x50, 0x4b, 1, 2, 20, entry.madeBy ?? 3]), common, rest, name, extra]))
    offset += locals.at(-1)?.length ?? 0
  }
  const directory = Buffer.concat(records)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([before, ...locals, directory, end])
}

const extraField = (tag: number, data: Buffer): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(tag, 0)
  head.writeUInt16LE(data.length, 2)
  return Buffer.concat([head, data])
}

describe('a zip archive', () => {
  it('takes two reads to list and one more for an entry, however many entries it has', async () => {
    const many = handMade(Array.from({ length: 20_000 }, (_, index) => ({ name: `folder/file-${index}.txt` })))
    let reads = 0
    const archive = await open(many, 'a.zip', (driver) => ({
      ...driver,
      read: (path, options) => (reads++, driver.read(path, options)),
    }))
    expect(await entriesOf(archive)).toHaveLength(20_000)
    expect(reads).toBe(2)
    expect(await contentOf(archive, 'folder/file-777.txt')).toBe('content')
    expect(reads).toBe(4)
  })

  it('may have a program in front of it', async () => {
    const zip = handMade([{ name: 'a.txt' }], Buffer.alloc(300_000, 'program'))
    expect(await read(zip, 'a.txt')).toBe('content')
  })

  it('has names in UTF-8, in code page 437, or in a field of their own', async () => {
    const old = Buffer.from([0x81, 0x2e, 0x74, 0x78, 0x74])
    const unicode = Buffer.concat([Buffer.from([1]), Buffer.alloc(4), Buffer.from('ж.txt')])
    unicode.writeUInt32LE(crc32(old), 1)
    const stale = Buffer.from(unicode)
    stale.writeUInt32LE(7, 1)
    const zip = handMade([
      { name: 'ü1', flags: 0x800 },
      { name: 'ü2', flags: 0, madeBy: 3 },
      { name: old, flags: 0, madeBy: 0 },
      { name: old, flags: 0, madeBy: 0, extra: extraField(0x7075, unicode) },
      { name: old, flags: 0, madeBy: 3, extra: extraField(0x7075, stale) },
    ])
    expect((await list(zip)).map(({ path }) => path)).toEqual(['ü1', 'ü2', 'ü.txt', 'ж.txt', 'ü.txt'])
  })

  it('unpacks bzip2 and says clearly what it does not unpack', async () => {
    expect(await read(fixture('bzip2-method.zip'), 'tree/docs/text.txt')).toBe(text)
    for (const name of ['lzma-method.zip', 'deflate64.zip']) {
      const files = (await list(fixture(name))).filter(({ type }) => type === 'file')
      expect(files).toHaveLength(1)
      const path = files[0]?.path ?? ''
      await expect(read(fixture(name), path)).rejects.toThrow(/packed by method \d+, cannot be unpacked here/)
    }
    expect(sizeOf(await list(fixture('seven-zip.zip')))).toBe(16 + text.length + 8)
  })

  it('is listed when it is encrypted, and its entries are refused', async () => {
    const zip = fixture('encrypted.zip')
    expect((await list(zip))[0]).toMatchObject({ path: 'tree/hello.txt', encrypted: true })
    expect(await outcome(() => read(zip, 'tree/hello.txt'))).toBe('AccessDenied')
  })

  it('shows hostile names as they are', async () => {
    const names = ['../../etc/passwd', '/etc/passwd', 'a\\..\\b', 'nul\0.txt', 'C:\\x', '"<script>']
    const zip = handMade(names.map((name) => ({ name })))
    expect((await list(zip)).map(({ path }) => path)).toEqual(names)
    expect(await read(zip, '../../etc/passwd')).toBe('content')
  })

  const bomb = deflateRawSync(Buffer.alloc(5_000_000))
  it.each([
    ['says too small a size', { data: bomb, method: 8, size: 10, crc: 0 }],
    ['says too large a size', { data: bomb, method: 8, size: 4_000_000_000, crc: 0 }],
    ['has a wrong checksum', { crc: 1 }],
    ['stores something of another size', { size: 3 }],
    ['is not deflated at all', { data: Buffer.from('\u00ff\u00ff\u00ffno'), method: 8, size: 9 }],
    ['is not where the directory says', { offset: 1 }],
  ])('is refused when an entry %s', async (_title, lie) => {
    expect(await outcome(() => read(handMade([{ name: 'x', ...lie }]), 'x'))).toBe('InvalidArgument')
  })

  it.each([
    [
      'overlap',
      [
        { name: 'a', data: bomb },
        ...Array.from({ length: 20 }, (_, n) => ({
          name: `${n}`,
          data: Buffer.alloc(0),
          offset: 0,
          compressedSize: bomb.length,
        })),
      ],
    ],
    ['lie outside', [{ name: 'a', offset: 0xfffffff0 }]],
    ['would be longer than the file', [{ name: 'a', compressedSize: 0xfffffff0 }]],
    ['name places beyond all files', [{ name: 'a', offset: 0xffffffff, extra: extraField(1, Buffer.alloc(8, 0xff)) }]],
    ['have a zip64 field that is cut off', [{ name: 'a', size: 0xffffffff, extra: extraField(1, Buffer.alloc(4)) }]],
    ['have an extra field that is cut off', [{ name: 'a', extra: Buffer.from([1, 0, 99, 0, 1]) }]],
  ])('is refused when its entries %s', async (_title, entries) => {
    expect(await outcome(() => list(handMade(entries)))).toBe('InvalidArgument')
  })

  it('is refused when its directory would take too much memory or counts wrongly', async () => {
    const zip = handMade([{ name: 'a' }])
    const huge = Buffer.from(zip)
    huge.writeUInt32LE(0x7fffffff, zip.length - 10)
    expect(await outcome(() => list(huge))).toBe('TooLarge')
    const miscounted = Buffer.from(zip)
    miscounted.writeUInt16LE(2, zip.length - 12)
    expect(await outcome(() => list(miscounted))).toBe('InvalidArgument')
  })

  it('ends in a clear answer after any change of any byte', async () => {
    const zip = fixture('info-zip.zip')
    const clear = ['fine', 'InvalidArgument', 'TooLarge', 'AccessDenied', 'NotFound']
    await fc.assert(
      fc.asyncProperty(fc.nat(zip.length - 1), fc.nat(255), async (at, byte) => {
        const changed = Buffer.from(zip)
        changed[at] = byte
        expect(clear).toContain(await outcome(() => list(changed)))
        let said = text
        const reading = async (): Promise<void> => {
          said = await read(changed, 'tree/docs/text.txt')
        }
        expect(clear).toContain(await outcome(reading))
        expect(said).toBe(text)
      }),
      { numRuns: 300 },
    )
  })

  it('is refused when it is replaced while it is read', async () => {
    const zip = handMade(Array.from({ length: 5000 }, (_, index) => ({ name: `file-${index}.txt` })))
    let reads = 0
    const archive = open(zip, 'a.zip', (driver) => ({
      ...driver,
      async read(path, options) {
        const result = await driver.read(path, options)
        return reads++ === 0 ? result : { ...result, entry: { ...result.entry, etag: '"another"' } }
      },
    }))
    expect(await outcome(async () => entriesOf(await archive))).toBe('Conflict')
  })
})

describe('a 7z archive', () => {
  it('is refused when it is encrypted: its names at once, otherwise its entries', async () => {
    expect(await outcome(() => list(fixture('encrypted-names.7z')))).toBe('AccessDenied')
    const zip = fixture('encrypted-data.7z')
    expect((await list(zip))[0]).toMatchObject({ path: 'tree/hello.txt', encrypted: true })
    expect(await outcome(() => read(zip, 'tree/hello.txt'))).toBe('AccessDenied')
  })

  it('lets go of its thread when the reader leaves', async () => {
    for (let round = 0; round < 5; round++) {
      const { chunks } = await (await open(fixture('plain.7z'))).open('tree/docs/text.txt')
      await chunks.next()
      await chunks.return()
    }
    expect(await read(fixture('plain.7z'), 'tree/hello.txt')).toBe('Hello, archive!\n')
  })
})

describe('a file', () => {
  it('is no archive because of its name', async () => {
    for (const name of ['a.zip', 'a.tar', 'a.7z', 'a.tar.gz']) {
      await expect(list(Buffer.from('just some text'), name)).rejects.toThrow('not an archive')
      await expect(list(Buffer.alloc(0), name)).rejects.toThrow('not an archive')
    }
  })

  it('of an unknown size is not searched for an end', async () => {
    const driver = memory({ a: 'x' })
    const path = parsePath('a')
    const entry = { kind: 'file', path, name: 'a' } as const
    const source = currentSource(
      { ...driver, read: async () => ({ entry, body: streamBytes(Buffer.from('x')) }) },
      undefined,
      path,
      entry,
    )
    expect(await outcome(() => openArchiveBytes(source, signal))).toBe('InvalidArgument')
  })
})
