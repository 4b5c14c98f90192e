import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../contract.ts'
import { StorageError } from '../error.ts'
import { parsePath, root } from '../path.ts'
import { Storage } from '../storage.ts'
import { flatStore, type FlatStoreOptions } from '../testing/flat-store.ts'
import { gathered } from '../testing/gathered.ts'
import { walk } from '../walk.ts'
import { keyOf, pathBelow } from './bucket-keys.ts'
import { fromBucket } from './bucket.ts'

const isCode = (code: Parameters<typeof StorageError.is>[1]) => (error: unknown) => StorageError.is(error, code)

function filled(keys: readonly string[], options: FlatStoreOptions = {}) {
  const store = flatStore(options)
  for (const key of keys) store.put(key, new TextEncoder().encode(key))
  return { store, storage: new Storage(fromBucket(store.source)) }
}

const shown = (entries: readonly Entry[]): string[] => entries.map(({ kind, path }) => `${kind} ${path}`).sort()

describe('keys', () => {
  // Few letters, so that keys meet in directories; slashes anywhere, so that names are empty.
  const key = fc.string({
    unit: fc.constantFrom('a', 'b', '-', '.', '/', '0', '\uFDD2', 'é'),
    minLength: 1,
    maxLength: 8,
  })
  const reachable = key.filter((text) => !text.endsWith('/'))

  it('come back unchanged from the paths that they have', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((text) => text !== '' && !text.endsWith('/')),
        (text) => {
          expect(keyOf(pathBelow(root, text))).toBe(text)
        },
      ),
    )
  })

  it('are all found by listing and by walking, each once, however the pages fall', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(reachable, { maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        async (keys, limit) => {
          const { store, storage } = filled(keys, { pageSize: 4 })
          const walked = await gathered(storage.walk('', { limit }))
          const listed = await gathered(walk(fromBucket({ ...store.source, ordered: false }), root, { limit }))
          expect(shown(walked)).toEqual(shown(listed))
          expect(new Set(shown(walked)).size).toBe(walked.length)
          const files = walked.filter(({ kind }) => kind === 'file')
          expect(files.map(({ path }) => keyOf(path)).sort()).toEqual([...keys].sort())
          for (const { path } of files) expect(await storage.text(path)).toBe(keyOf(path))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('imply directories that stat and list agree on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(reachable, { minLength: 1, maxLength: 12 }), async (keys) => {
        const { storage } = filled(keys)
        const entries = await gathered(storage.walk(''))
        const files = new Set(entries.filter(({ kind }) => kind === 'file').map(({ path }) => path))
        for (const { kind, path } of entries) {
          expect((await storage.stat(path)).kind).toBe(files.has(path) ? 'file' : kind)
        }
        const directories = entries.filter(({ kind }) => kind === 'directory')
        const listings = await Promise.all(directories.map(({ path }) => gathered(storage.list(path))))
        expect(listings.filter((listing) => listing.length === 0)).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  it.each(['/lead', '//two', 'a//b', 'a/./b', 'a/../b', '..', 'nul\0'])(
    'as odd as %j can be read and removed',
    async (odd) => {
      const { storage, store } = filled([odd, 'plain'])
      const files = (await gathered(storage.walk(''))).filter(({ kind }) => kind === 'file')
      expect(files).toHaveLength(2)
      const path = files.find((entry) => entry.path !== 'plain')?.path ?? ''
      expect(await storage.text(path)).toBe(odd)
      await storage.remove(path)
      expect(store.keys()).toEqual(['plain'])
    },
  )

  it('are never reached through a name that hides a slash', async () => {
    const { storage } = filled(['secret/file'])
    const hidden = 'secret\uFDD0file'
    await expect(storage.text(hidden)).rejects.toSatisfy(isCode('InvalidPath'))
    await expect(storage.stat(hidden)).rejects.toSatisfy(isCode('InvalidPath'))
    await expect(gathered(storage.list(`${hidden}/x`))).rejects.toSatisfy(isCode('InvalidPath'))
  })
})

describe('a file and a directory of one name', () => {
  it('are both listed, and each can be reached', async () => {
    const { storage } = filled(['a', 'a/b'])
    expect(shown(await gathered(storage.list('')))).toEqual(['directory a', 'file a'])
    expect(shown(await gathered(storage.list('a')))).toEqual(['file a/b'])
    expect(await storage.stat('a')).toMatchObject({ kind: 'file' })
    expect(await storage.text('a')).toBe('a')
    expect(await storage.text('a/b')).toBe('a/b')
  })

  it('are removed one after the other', async () => {
    const { storage, store } = filled(['a', 'a/b'])
    await storage.remove('a')
    expect(store.keys()).toEqual(['a/b'])
    await storage.remove('a')
    expect(store.keys()).toEqual([])
  })
})

describe('a cursor of a walk', () => {
  it.each(['nonsense', '{}', '[]', '["1",2]', '[-1,"",null]', '[0.5,"",null]', 'null'])(
    'that is %j is refused',
    async (cursor) => {
      const driver = fromBucket(flatStore().source)
      await expect(driver.walk?.(root, { cursor })).rejects.toSatisfy(isCode('InvalidArgument'))
    },
  )
})

describe('what a call costs', () => {
  it('is one request for a file, and two for a directory', async () => {
    const { storage, store } = filled(['a/b'])
    await storage.stat('a/b')
    await storage.stat('a')
    expect(store.calls).toEqual(['head a/b', 'head a', 'pages a/*'])
  })

  it('is one request for a read that succeeds, and for a page of a listing', async () => {
    const { storage, store } = filled(['a/b'])
    await storage.text('a/b')
    await gathered(storage.list('a'))
    expect(store.calls).toEqual(['open a/b', 'pages a/'])
  })

  it('is no request for the root', async () => {
    const { storage, store } = filled([])
    expect(await storage.stat('')).toMatchObject({ kind: 'directory' })
    expect(store.calls).toEqual([])
  })

  it('is a page of keys for each page that is removed', async () => {
    const keys = Array.from({ length: 25 }, (_, place) => `a/${place}`)
    const { storage, store } = filled(keys, { pageSize: 10 })
    await storage.remove('a')
    expect(store.keys()).toEqual([])
    expect(store.calls.filter((call) => call.startsWith('delete'))).toHaveLength(3)
  })
})

describe('a missing object', () => {
  it('is recognised by the error of a vendor library', async () => {
    const { store } = filled(['a/b'])
    const gone = () => Promise.reject(Object.assign(new Error('NoSuchKey'), { $metadata: { httpStatusCode: 404 } }))
    const storage = new Storage(fromBucket({ ...store.source, head: gone, open: gone }))
    expect(await storage.stat('a')).toMatchObject({ kind: 'directory' })
    await expect(storage.text('a')).rejects.toSatisfy(isCode('IsADirectory'))
    await expect(storage.text('b')).rejects.toSatisfy(isCode('NotFound'))
  })

  it('is recognised by the table of the driver', async () => {
    const { store } = filled(['a/b'])
    const head = () => Promise.reject(new Error('E1234'))
    const classify = (error: unknown) => (error instanceof Error && error.message === 'E1234' ? 'NotFound' : undefined)
    const storage = new Storage(fromBucket({ ...store.source, head, classify }))
    expect(await storage.stat('a')).toMatchObject({ kind: 'directory' })
  })

  it('is not assumed when the request failed for another reason', async () => {
    const { store } = filled(['a/b'])
    const head = () => Promise.reject(Object.assign(new Error('Forbidden'), { statusCode: 403 }))
    await expect(new Storage(fromBucket({ ...store.source, head })).stat('a')).rejects.toThrow('Forbidden')
  })

  it('has no revisions, even where the vendor lists none without an error', async () => {
    const { store } = filled(['a/b'])
    const driver = fromBucket({ ...store.source, revisions: async () => ({ items: [] }) })
    await expect(driver.revisions?.(parsePath('nothing'))).rejects.toSatisfy(isCode('NotFound'))
    await expect(driver.revisions?.(parsePath('a'))).rejects.toSatisfy(isCode('IsADirectory'))
  })
})

describe('directory markers', () => {
  it('keep a directory that holds nothing, and are shown as no file', async () => {
    const { storage } = filled(['kept/', 'other/file'])
    expect(shown(await gathered(storage.list('')))).toEqual(['directory kept', 'directory other'])
    expect(await gathered(storage.list('kept'))).toEqual([])
    expect(await storage.stat('kept')).toMatchObject({ kind: 'directory', path: 'kept' })
    expect(shown(await gathered(storage.walk('')))).toEqual(['directory kept', 'directory other', 'file other/file'])
  })

  it('are written for a new directory and all above it, once', async () => {
    const { storage, store } = filled([], { markers: true })
    await storage.makeDirectory('a/b/c')
    await storage.makeDirectory('a/b/d')
    expect(store.keys()).toEqual(['a/', 'a/b/', 'a/b/c/', 'a/b/d/'])
    expect(store.calls.filter((call) => call.startsWith('put'))).toHaveLength(4)
  })

  it('keep the directories of a file when it is removed or moved away', async () => {
    const { storage } = filled([], { markers: true })
    await storage.write('a/b/file', 'x')
    await storage.move('a/b/file', { destination: 'c/file' })
    expect(await gathered(storage.list('a/b'))).toEqual([])
    await storage.remove('c/file')
    expect(await gathered(storage.list('c'))).toEqual([])
  })

  it('go with the directory that they keep', async () => {
    const { storage, store } = filled([], { markers: true })
    await storage.makeDirectory('a/b')
    await storage.copy('a', { destination: 'copy' })
    await storage.remove('a')
    expect(store.keys()).toEqual(['copy/', 'copy/b/'])
  })

  it('are not written where they are switched off, which leaves nothing to make a directory with', async () => {
    const { storage, store } = filled([])
    await storage.write('a/b', 'x')
    expect(store.keys()).toEqual(['a/b'])
    await expect(storage.makeDirectory('c')).rejects.toSatisfy(isCode('Unsupported'))
  })
})

describe('what changes a bucket', () => {
  it('has the methods for which the store has the means, and no others', () => {
    const { provider, traits, pages, head, open, put, copy } = flatStore().source
    const methodsOf = (driver: object): string[] =>
      Object.entries(driver).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))
    expect(methodsOf(fromBucket({ provider, traits, pages, head, open })).sort()).toEqual([
      'list',
      'read',
      'stat',
      'walk',
    ])
    // Without a way to delete there is none to move.
    const writable = methodsOf(fromBucket({ provider, traits, pages, head, open, put, copy }))
    expect(writable.filter((name) => ['write', 'copy', 'move', 'remove'].includes(name))).toEqual(['write', 'copy'])
  })

  it('copies no more objects at once than it may, and stops at the first that fails', async () => {
    const { store } = filled(Array.from({ length: 40 }, (_, place) => `a/${place}`))
    let running = 0
    let most = 0
    let begun = 0
    const copy: typeof store.source.copy = async (key) => {
      begun++
      most = Math.max(most, ++running)
      await new Promise((resolve) => void setImmediate(resolve))
      running--
      if (key === 'a/12') throw new StorageError('AccessDenied', 'not this one')
      return { key, facts: {} }
    }
    const storage = new Storage(fromBucket({ ...store.source, copy }))
    await expect(storage.copy('a', { destination: 'b' })).rejects.toSatisfy(isCode('AccessDenied'))
    expect(most).toBe(8)
    expect(begun).toBeLessThan(40)
    expect(running).toBe(0)
  })

  it('replaces a directory by a file, and a file by a directory, only when told to', async () => {
    const { storage } = filled(['dir/a', 'dir/b', 'file'])
    await expect(storage.copy('file', { destination: 'dir' })).rejects.toSatisfy(isCode('AlreadyExists'))
    await storage.copy('file', { destination: 'dir', overwrite: true })
    expect(shown(await gathered(storage.walk('')))).toEqual(['file dir', 'file file'])
    await storage.write('new/x', 'x')
    await storage.move('new', { destination: 'dir', overwrite: true })
    expect(shown(await gathered(storage.walk('')))).toEqual(['directory dir', 'file dir/x', 'file file'])
  })

  it('refuses to write to the root, and lets go of the body', async () => {
    const cancelled = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() })
    await expect(filled([]).storage.write('/', body)).rejects.toSatisfy(isCode('IsADirectory'))
    await cancelled.promise
  })
})

describe('a driver whose root lists buckets', () => {
  /** Two buckets, one of them empty, under keys that begin with the name of the bucket. */
  function twoBuckets() {
    const buckets = new Map([
      ['first', filled(['x/y', 'z']).store],
      ['second', filled([]).store],
    ])
    const { provider, traits } = flatStore().source
    const split = (key: string): [bucket: string, rest: string] => {
      const slash = key.indexOf('/')
      return slash === -1 ? [key, ''] : [key.slice(0, slash), key.slice(slash + 1)]
    }
    const missing = (key: string): never => {
      throw new StorageError('NotFound', `no ${key}`)
    }
    return fromBucket({
      provider,
      traits,
      ordered: false,
      async pages({ prefix, ...query }) {
        const [bucket, rest] = split(prefix)
        if (prefix === '') return { objects: [], prefixes: [...buckets.keys()].map((name) => `${name}/`) }
        const store = buckets.get(bucket)
        if (!store) return { objects: [], prefixes: [] }
        const page = await store.source.pages({ ...query, prefix: rest })
        const objects = page.objects.map((object) => ({ ...object, key: `${bucket}/${object.key}` }))
        // The bucket itself is there, whether or not it holds anything.
        const itself = rest === '' && query.cursor === undefined ? [{ key: prefix, facts: {} }] : []
        return {
          ...page,
          objects: [...itself, ...objects],
          prefixes: page.prefixes.map((deeper) => `${bucket}/${deeper}`),
        }
      },
      head: async (key, options) => buckets.get(split(key)[0])?.source.head(split(key)[1], options),
      open: async (key, options) => {
        const [bucket, rest] = split(key)
        return buckets.get(bucket)?.source.open(rest, options) ?? missing(key)
      },
    })
  }

  it('needs no more than keys that begin with the name of the bucket', async () => {
    const storage = new Storage(twoBuckets())
    expect(shown(await gathered(storage.list('')))).toEqual(['directory first', 'directory second'])
    expect(shown(await gathered(storage.walk('')))).toEqual([
      'directory first',
      'directory first/x',
      'directory second',
      'file first/x/y',
      'file first/z',
    ])
    expect(await gathered(storage.list('second'))).toEqual([])
    expect(await storage.stat('second')).toMatchObject({ kind: 'directory' })
    expect(await storage.text('first/x/y')).toBe('x/y')
    await expect(gathered(storage.list('third'))).rejects.toSatisfy(isCode('NotFound'))
    await expect(storage.text('first')).rejects.toSatisfy(isCode('IsADirectory'))
  })
})
