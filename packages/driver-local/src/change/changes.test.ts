import { parsePath, streamBytes } from '@filegate/core'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLocalDriver } from '../driver.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'

const bytes = (content: string | Uint8Array): { body: ReadableStream<Uint8Array>; size: number } => {
  const whole = Buffer.from(content)
  return { body: streamBytes(whole), size: whole.length }
}

/** A body that gives these bytes and then breaks. */
const breaking = (content: string): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from(content)),
    pull: (controller) => controller.error(new Error('the sender is gone')),
  })

function stage(options: { notes?: boolean } = {}) {
  const base = temporaryFolder()
  const folder = join(base, 'served')
  mkdirSync(folder)
  const notes = join(base, 'notes')
  const changes = options.notes === false ? {} : { notes }
  const driver = openLocalDriver({ root: folder, followsSymlinks: false, changes })
  const text = (path: string): string => readFileSync(join(folder, path), 'utf8')
  const kept = (): string[] => (existsSync(notes) ? readdirSync(notes).filter((name) => !name.endsWith('.notes')) : [])
  return {
    folder,
    notes,
    driver,
    text,
    kept,
    names: () => readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted(),
  }
}

const large = 3 * 1024 * 1024
const path = parsePath('file.bin')

/** Small files are copied and renamed, large ones changed where they stand, unless there is nowhere to keep notes. */
const sizes = [
  { size: 1000, notes: true },
  { size: large, notes: true },
  { size: large, notes: false },
]

describe.each(sizes)('changing a part of a file of $size bytes, notes: $notes', ({ size, notes }) => {
  const old = Buffer.alloc(size, 'abcdefgh')

  it('adds to the end', async () => {
    const { driver, folder } = stage({ notes })
    await driver.write(path, bytes(old))
    const entry = await driver.append(path, bytes('the end'))
    expect(entry.size).toBe(size + 7)
    expect(readFileSync(join(folder, path)).equals(Buffer.concat([old, Buffer.from('the end')]))).toBe(true)
    expect(entry).toEqual(await driver.stat(path))
  })

  it('replaces bytes, in the middle and past the end', async () => {
    const { driver, folder } = stage({ notes })
    await driver.write(path, bytes(old))
    const first = await driver.stat(path)
    const entry = await driver.writeRange(path, { ...bytes('12345'), start: 10 })
    expect(entry).not.toMatchObject({ etag: first.kind === 'file' ? first.etag : '' })
    await driver.writeRange(path, { ...bytes('67890'), start: size - 2 })
    const expected = Buffer.concat([old, Buffer.alloc(3)])
    expected.write('12345', 10)
    expected.write('67890', size - 2)
    expect(readFileSync(join(folder, path)).equals(expected)).toBe(true)
  })

  it('leaves everything as it was when the body breaks', async () => {
    const { driver, folder, names, kept } = stage({ notes })
    await driver.write(path, { ...bytes(old), modified: 1_600_000_000_000 })
    await expect(driver.append(path, { body: breaking('xyz') })).rejects.toThrow('broke off')
    await expect(driver.writeRange(path, { body: breaking('xyz'), start: 5 })).rejects.toThrow('broke off')
    await expect(driver.writeRange(path, { body: breaking('xyz'), start: 5, size: 10 })).rejects.toThrow('broke off')
    expect(readFileSync(join(folder, path)).equals(old)).toBe(true)
    expect(statSync(join(folder, path)).mtimeMs).toBe(1_600_000_000_000)
    expect(names()).toEqual(['file.bin'])
    expect(kept()).toEqual([])
  })

  it('refuses what starts past the end, and a condition that does not hold', async () => {
    const { driver, folder } = stage({ notes })
    await driver.write(path, bytes(old))
    const past = driver.writeRange(path, { ...bytes('x'), start: size + 1 })
    await expect(past).rejects.toMatchObject({ code: 'RangeNotSatisfiable' })
    const conditional = driver.append(path, { ...bytes('x'), conditions: { ifMatch: ['"other"'] } })
    await expect(conditional).rejects.toMatchObject({ code: 'PreconditionFailed' })
    expect(readFileSync(join(folder, path)).equals(old)).toBe(true)
  })
})

describe('changing the served folder', () => {
  it('appends to what is not there by making it', async () => {
    const { driver, text } = stage()
    await driver.append(parsePath('a/b/log.txt'), bytes('first'))
    expect(text('a/b/log.txt')).toBe('first')
    await expect(driver.writeRange(parsePath('missing'), { ...bytes('x'), start: 0 })).rejects.toMatchObject({
      code: 'NotFound',
    })
  })

  it('keeps the permissions of what it replaces', async () => {
    const { driver, folder } = stage()
    await driver.write(path, bytes('old'))
    chmodSync(join(folder, path), 0o640)
    await driver.write(path, bytes('new'))
    expect(statSync(join(folder, path)).mode & 0o7777).toBe(0o640)
    await driver.append(path, bytes('er'))
    expect(statSync(join(folder, path)).mode & 0o7777).toBe(0o640)
  })

  it('leaves no folder behind that an upload which broke had made', async () => {
    const { driver, names } = stage()
    await expect(driver.write(parsePath('a/b/c.txt'), { body: breaking('x') })).rejects.toThrow('broke off')
    expect(names()).toEqual([])
  })

  it('gives every state of a file another etag, however fast they follow one another', async () => {
    const { driver } = stage()
    const etags: (string | undefined)[] = []
    for (const text of ['aaa', 'bbb', 'ccc', 'ddd', 'eee']) etags.push((await driver.write(path, bytes(text))).etag)
    expect(new Set(etags).size).toBe(5)
  })

  it('replaces a folder by a folder and by a file, and a file by a folder', async () => {
    const { driver, names } = stage()
    await driver.write(parsePath('one/a.txt'), bytes('a'))
    await driver.write(parsePath('two/b.txt'), bytes('b'))
    await driver.write(parsePath('file'), bytes('c'))
    await driver.copy(parsePath('one'), { destination: parsePath('two'), overwrite: true })
    expect(names()).toEqual(['file', 'one', 'one/a.txt', 'two', 'two/a.txt'])
    await driver.move(parsePath('two'), { destination: parsePath('file'), overwrite: true })
    expect(names()).toEqual(['file', 'file/a.txt', 'one', 'one/a.txt'])
    await driver.copy(parsePath('one/a.txt'), { destination: parsePath('file'), overwrite: true })
    expect(names()).toEqual(['file', 'one', 'one/a.txt'])
  })

  it('copies with time and permissions, a large file too', async () => {
    const { driver, folder } = stage()
    await driver.write(path, { ...bytes(Buffer.alloc(40 << 20, 'x')), modified: 1_500_000_000_000 })
    chmodSync(join(folder, path), 0o600)
    const copy = await driver.copy(path, { destination: parsePath('copy/file.bin') })
    expect(copy).toMatchObject({ size: 40 << 20, modified: 1_500_000_000_000, posix: { mode: 0o600 } })
  })

  it('writes into nothing but the places that it was narrowed to', async () => {
    const { driver, folder } = stage()
    mkdirSync(join(folder, 'own/deep'), { recursive: true })
    const within = [parsePath('own/deep')]
    const narrowed = openLocalDriver({ root: folder, followsSymlinks: false, within })
    await narrowed.write(parsePath('own/deep/a.txt'), bytes('a'))
    for (const place of ['b.txt', 'own/b.txt', 'own/deeper/b.txt']) {
      await expect(narrowed.write(parsePath(place), bytes('b')), place).rejects.toThrow(/forbidden|not found/)
      await expect(narrowed.makeDirectory(parsePath(`${place}.d`)), place).rejects.toThrow(/forbidden|not found/)
    }
    expect((await driver.list(parsePath('own'))).items.map(({ name }) => name)).toEqual(['deep'])
  })

  it('tells of a disk without room, and of one that is read-only, in words of its own', async () => {
    const { asChangeError } = await import('./change-error.ts')
    const error = (code: string): Error => Object.assign(new Error('failed'), { code, syscall: 'write' })
    expect(asChangeError(error('ENOSPC'), 'write', 'a')).toMatchObject({ code: 'NoSpace' })
    expect(asChangeError(error('EDQUOT'), 'write', 'a')).toMatchObject({ code: 'NoSpace' })
    expect(asChangeError(error('EROFS'), 'write', 'a').message).toBe('The file system is read-only: /a')
    expect(asChangeError(error('EACCES'), 'write', 'a')).toMatchObject({ code: 'AccessDenied' })
  })

  it('leaves no note behind when all is done', async () => {
    const { driver, notes } = stage()
    await driver.write(path, bytes('x'))
    await driver.close()
    expect(readdirSync(notes)).toEqual([])
  })
})
