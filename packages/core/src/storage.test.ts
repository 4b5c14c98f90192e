import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { collectBytes, streamBytes } from './byte-stream.ts'
import type { Entry, StorageDriver } from './contract.ts'
import { StorageError } from './error.ts'
import { memory } from './memory.ts'
import { parsePath } from './path.ts'
import { Storage } from './storage.ts'
import { gathered } from './testing/gathered.ts'

const rejection = (code: Parameters<typeof StorageError.is>[1]) => (error: unknown) => StorageError.is(error, code)

/** The same storage, without some of its methods. */
function without(driver: StorageDriver, ...methods: readonly (keyof StorageDriver)[]): StorageDriver {
  return { ...driver, ...Object.fromEntries(methods.map((method) => [method, undefined])) }
}

async function paths(entries: AsyncIterable<Entry>): Promise<string[]> {
  return (await gathered(entries)).map(({ path }) => path).sort()
}

const files = { 'a/b.txt': 'text', 'a/c/d.json': '{"e":1}', 'f.bin': Uint8Array.of(0, 255), 'empty/': '' }

describe('Storage', () => {
  it('takes plain paths as they are written, and parsed ones', async () => {
    const storage = new Storage(memory(files))
    for (const path of ['a/b.txt', '/a/b.txt', 'a//./b.txt', parsePath('a/b.txt')]) {
      expect(await storage.text(path)).toBe('text')
    }
  })

  it('rejects a path that leads out', async () => {
    const storage = new Storage(memory(files))
    await expect(storage.text('../secret')).rejects.toSatisfy(rejection('InvalidPath'))
  })

  it('knows what exists, and passes on why it could not find out', async () => {
    const driver = memory(files)
    const storage = new Storage(driver)
    expect(await storage.exists('a/b.txt')).toBe(true)
    expect(await storage.exists('a')).toBe(true)
    expect(await storage.exists('nothing')).toBe(false)
    const stat = () => Promise.reject(new StorageError('AccessDenied', 'no'))
    await expect(new Storage({ ...driver, stat }).exists('a')).rejects.toSatisfy(rejection('AccessDenied'))
  })

  it('lists through all pages', async () => {
    const storage = new Storage(memory(files, { pageSize: 1 }))
    expect(await paths(storage.list(''))).toEqual(['a', 'empty', 'f.bin'])
  })

  it('reads text, bytes, JSON and ranges', async () => {
    const storage = new Storage(memory(files))
    expect(await storage.json('a/c/d.json')).toEqual({ e: 1 })
    expect(await storage.bytes('f.bin')).toEqual(Uint8Array.of(0, 255))
    expect(await storage.text('a/b.txt', { range: { start: 1, end: 3 } })).toBe('ex')
    const { body, entry } = await storage.read('a/b.txt')
    expect(entry.size).toBe(4)
    expect(await collectBytes(body)).toHaveLength(4)
  })

  it('holds no more than it may', async () => {
    const storage = new Storage(memory(files))
    await expect(storage.text('a/b.txt', { maximum: 3 })).rejects.toSatisfy(rejection('TooLarge'))
    expect(await storage.text('a/b.txt', { maximum: 4 })).toBe('text')
  })

  it.each([
    ['a string', 'grüße'],
    ['bytes', new TextEncoder().encode('grüße')],
    ['a stream', streamBytes(new TextEncoder().encode('grüße'))],
  ])('writes %s', async (_what, content) => {
    const storage = new Storage(memory())
    await storage.write('new/file.txt', content)
    expect(await storage.text('new/file.txt')).toBe('grüße')
  })

  it('writes, removes and makes directories only where the driver can, and lets go of the body', async () => {
    const storage = new Storage(without(memory(), 'write', 'remove', 'makeDirectory'))
    const cancelled = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() })
    await expect(storage.write('a', body)).rejects.toSatisfy(rejection('Unsupported'))
    await cancelled.promise
    await expect(storage.remove('a')).rejects.toSatisfy(rejection('Unsupported'))
    await expect(storage.makeDirectory('a')).rejects.toSatisfy(rejection('Unsupported'))
  })

  it('lets go of the body when the path is no path', async () => {
    const cancelled = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() })
    await expect(new Storage(memory()).write('../a', body)).rejects.toSatisfy(rejection('InvalidPath'))
    await cancelled.promise
  })

  it('closes the driver when its scope ends', async () => {
    let closed = 0
    const close = async (): Promise<void> => {
      closed++
    }
    await new Storage({ ...memory(), close })[Symbol.asyncDispose]()
    expect(closed).toBe(1)
  })
})

describe('hash', () => {
  const expected = createHash('sha256').update('text').digest('hex')
  const sha256 = { algorithm: 'sha256' } as const

  it('is asked of the driver where the driver knows', async () => {
    const driver = { ...memory(files), read: () => Promise.reject(new Error('nobody shall read')) }
    expect(await new Storage(driver).hash('a/b.txt', sha256)).toBe(expected)
  })

  it('is computed from the bytes where the driver cannot hash', async () => {
    expect(await new Storage(without(memory(files), 'hash')).hash('a/b.txt', sha256)).toBe(expected)
  })

  it('is computed from the bytes where the driver hashes by other algorithms', async () => {
    expect(await new Storage(memory({ file: '123456789' })).hash('file', { algorithm: 'crc32c' })).toBe('e3069283')
  })

  it('is taken from the entry where it came at no cost', async () => {
    const driver = without(memory(files), 'hash')
    const cancelled = Promise.withResolvers<void>()
    const read: StorageDriver['read'] = async (path) => ({
      entry: { kind: 'file', path, name: 'b.txt', hashes: { sha256: 'known' } },
      body: new ReadableStream({ cancel: () => cancelled.resolve() }),
    })
    expect(await new Storage({ ...driver, read }).hash('a/b.txt', sha256)).toBe('known')
    await cancelled.promise
  })

  it('ends when it is aborted', async () => {
    const controller = new AbortController()
    const driver = without(memory({ file: new Uint8Array(1_000_000) }), 'hash')
    const hashing = new Storage(driver).hash('file', { ...sha256, signal: controller.signal })
    controller.abort()
    await expect(hashing).rejects.toSatisfy(rejection('Aborted'))
  })
})

describe.each([
  ['by the driver', (driver: StorageDriver) => driver],
  ['by reading and writing', (driver: StorageDriver) => without(driver, 'copy', 'move', 'walk')],
])('copy and move %s', (_how, make) => {
  const storageOf = (): Storage => new Storage(make(memory(files)))

  it('copy a file with its bytes and time', async () => {
    const storage = storageOf()
    await storage.setModified('a/b.txt', { modified: 1_000_000 })
    const entry = await storage.copy('a/b.txt', { destination: 'x/y.txt' })
    expect(entry).toMatchObject({ kind: 'file', path: 'x/y.txt', size: 4, modified: 1_000_000 })
    expect(await storage.text('x/y.txt')).toBe('text')
  })

  it('copy a directory with its empty directories', async () => {
    const storage = storageOf()
    await storage.makeDirectory('a/nothing')
    await storage.copy('a', { destination: 'x' })
    expect(await paths(storage.walk('x'))).toEqual(['x/b.txt', 'x/c', 'x/c/d.json', 'x/nothing'])
    expect(await storage.text('x/c/d.json')).toBe('{"e":1}')
    expect(await storage.text('a/c/d.json')).toBe('{"e":1}')
  })

  it('move a directory', async () => {
    const storage = storageOf()
    await storage.move('a', { destination: 'x/y' })
    expect(await paths(storage.walk('x'))).toEqual(['x/y', 'x/y/b.txt', 'x/y/c', 'x/y/c/d.json'])
    expect(await storage.exists('a')).toBe(false)
  })

  it.each(['copy', 'move'] as const)('%s to what is there only when told to', async (verb) => {
    const storage = storageOf()
    const destination = 'f.bin'
    await expect(storage[verb]('a/b.txt', { destination })).rejects.toSatisfy(rejection('AlreadyExists'))
    expect(await storage.bytes('f.bin')).toHaveLength(2)
    await storage[verb]('a/b.txt', { destination, overwrite: true })
    expect(await storage.text('f.bin')).toBe('text')
  })

  it.each(['copy', 'move'] as const)('%s a directory over a file, and a file over a directory', async (verb) => {
    const storage = storageOf()
    await storage[verb]('a', { destination: 'f.bin', overwrite: true })
    expect(await paths(storage.walk('f.bin'))).toEqual(['f.bin/b.txt', 'f.bin/c', 'f.bin/c/d.json'])
    await storage.write('file', 'alone')
    await storage[verb]('file', { destination: 'f.bin', overwrite: true })
    expect(await storage.text('f.bin')).toBe('alone')
  })

  it.each(['copy', 'move'] as const)('%s nothing into itself, nor over what holds it', async (verb) => {
    const storage = storageOf()
    for (const [from, destination] of [
      ['a', 'a/c/z'],
      ['a/c', 'a'],
      ['a', 'a'],
    ] as const) {
      await expect(storage[verb](from, { destination, overwrite: true })).rejects.toSatisfy(
        rejection('InvalidArgument'),
      )
    }
    expect(await storage.text('a/c/d.json')).toBe('{"e":1}')
  })

  it.each(['copy', 'move'] as const)('%s nothing that is not there', async (verb) => {
    await expect(storageOf()[verb]('nothing', { destination: 'x' })).rejects.toSatisfy(rejection('NotFound'))
  })
})
