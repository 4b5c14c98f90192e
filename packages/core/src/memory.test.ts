import { describe, expect, it } from 'vitest'
import { collectBytes, streamBytes } from './byte-stream.ts'
import { StorageError } from './error.ts'
import { memory } from './memory.ts'
import { pages } from './pages.ts'
import { parsePath, root } from './path.ts'
import { Storage } from './storage.ts'
import { gathered } from './testing/gathered.ts'

describe('the storage in memory', () => {
  it('is filled from plain paths, those with a slash at the end being empty directories', async () => {
    const driver = memory({ 'a/b.txt': 'text', 'c/d/': '', bytes: Uint8Array.of(1, 2) })
    const entries = await gathered(pages((page) => driver.walk?.(root, page) ?? Promise.reject(new Error())))
    expect(entries.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'directory a',
      'file a/b.txt',
      'file bytes',
      'directory c',
      'directory c/d',
    ])
  })

  it('goes on with a listing behind the last name when entries come and go between two pages', async () => {
    const storage = new Storage(memory({ a: '', b: '', c: '', d: '' }))
    const first = await storage.driver.list(root, { limit: 2 })
    await storage.remove('b')
    await storage.write('aa', 'behind the reader')
    await storage.write('bb', 'before the reader')
    const rest = await storage.driver.list(root, { cursor: first.cursor })
    expect([...first.items, ...rest.items].map(({ name }) => name)).toEqual(['a', 'b', 'bb', 'c', 'd'])
  })

  it('goes on with a walk when the directory it was in is gone', async () => {
    const storage = new Storage(memory({ 'a/1': '', 'a/2': '', 'b/1': '' }))
    const first = await storage.driver.walk?.(root, { limit: 2 })
    await storage.remove('a')
    const rest = await storage.driver.walk?.(root, { cursor: first?.cursor })
    expect(rest?.items.map(({ path }) => path)).toEqual(['b', 'b/1'])
  })

  it('lets whoever reads a file finish with the bytes that they began with', async () => {
    const storage = new Storage(memory({ file: new Uint8Array(200_000).fill(1) }))
    const { body } = await storage.read('file')
    await storage.write('file', 'other')
    const bytes = await collectBytes(body)
    expect(bytes).toHaveLength(200_000)
    expect(bytes.every((byte) => byte === 1)).toBe(true)
  })

  it('keeps as many versions as it is told, newest first', async () => {
    const storage = new Storage(memory({}, { versions: 2 }))
    for (const text of ['one', 'two', 'three']) await storage.write('file', text)
    const kept = await gathered(storage.revisions('file'))
    const texts = await Promise.all(kept.map(({ version }) => storage.text('file', { version })))
    expect(texts).toEqual(['three', 'two'])
  })

  it('pages revisions', async () => {
    const storage = new Storage(memory())
    for (const text of ['one', 'two', 'three']) await storage.write('file', text)
    const kept = await gathered(storage.revisions('file', { limit: 1 }))
    expect(new Set(kept.map(({ etag }) => etag)).size).toBe(3)
  })

  it('takes its time from the clock it is given', async () => {
    const storage = new Storage(memory({}, { now: () => 1234 }))
    expect((await storage.write('file', 'x')).modified).toBe(1234)
    expect((await storage.stat('')).modified).toBe(1234)
  })

  it('keeps the content type', async () => {
    const storage = new Storage(memory())
    await storage.write('page', '<p>', { contentType: 'text/html' })
    expect(await storage.stat('page')).toMatchObject({ contentType: 'text/html' })
  })

  it('tells how many bytes it holds', async () => {
    const storage = new Storage(memory({ 'a/b': '12345', c: '678' }))
    expect(await storage.about()).toEqual({ used: 8 })
  })

  it.each(['', 'a', 'a/b'])('does not move or copy %j into, onto or around itself', async (path) => {
    const driver = memory({ 'a/b/c': 'x' })
    for (const destination of [path, `${path}/new`, 'a']) {
      const asked = { destination: parsePath(destination), overwrite: true }
      await expect(driver.move?.(parsePath(path), asked)).rejects.toSatisfy((error) =>
        StorageError.is(error, 'InvalidArgument'),
      )
    }
    expect(await new Storage(driver).text('a/b/c')).toBe('x')
  })

  it('does not remove its root', async () => {
    const storage = new Storage(memory({ a: '' }))
    await expect(storage.remove('/')).rejects.toSatisfy((error) => StorageError.is(error, 'InvalidArgument'))
    expect(await storage.exists('a')).toBe(true)
  })

  it('knows every name, also those that objects have of themselves', async () => {
    const storage = new Storage(memory({ __proto__x: '' }))
    await storage.write('__proto__', 'own')
    expect(await storage.exists('constructor')).toBe(false)
    expect(await storage.text('__proto__')).toBe('own')
  })

  it('takes no write whose body ends before the announced size', async () => {
    const driver = memory({ file: 'old' })
    const writing = driver.write?.(parsePath('file'), { body: streamBytes(new Uint8Array(3)), size: 4 })
    await expect(writing).rejects.toThrow('Announced 4 bytes for /file, but 3 came.')
    expect(await new Storage(driver).text('file')).toBe('old')
  })
})
