import { setImmediate as tick } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Entry, ListOptions, StorageDriver } from './contract.ts'
import { notFound, StorageError } from './error.ts'
import { memory } from './memory.ts'
import { parsePath, root, type StoragePath } from './path.ts'
import { walk } from './walk.ts'
import { gathered } from './testing/gathered.ts'

const files = { 'a/1': '', 'a/b/2': '', 'a/b/c/3': '', 'd/4': '', 'e/': '' }
const all = ['a', 'a/1', 'a/b', 'a/b/2', 'a/b/c', 'a/b/c/3', 'd', 'd/4', 'e']

async function paths(entries: AsyncIterable<Entry>): Promise<string[]> {
  return (await gathered(entries)).map(({ path }) => path).sort()
}

/** A driver that can only list, with a look at every listing. */
function listing(inner: StorageDriver, before: (path: StoragePath, options: ListOptions) => unknown): StorageDriver {
  return {
    provider: inner.provider,
    traits: inner.traits,
    stat: (path, options) => inner.stat(path, options),
    read: (path, options) => inner.read(path, options),
    async list(path, options = {}) {
      await before(path, options)
      return inner.list(path, options)
    },
  }
}

describe('walk', () => {
  it.each([1, 2, 1000])('finds everything by listing, in pages of %i', async (pageSize) => {
    const driver = listing(memory(files, { pageSize }), () => {})
    expect(await paths(walk(driver, root))).toEqual(all)
  })

  it('yields each directory before what it holds', async () => {
    const found = await gathered(
      walk(
        listing(memory(files), () => {}),
        root,
      ),
    )
    const places = new Map(found.map(({ path }, place) => [String(path), place]))
    for (const path of all.filter((path) => path.includes('/'))) {
      expect(places.get(path.slice(0, path.lastIndexOf('/'))) ?? found.length).toBeLessThan(places.get(path) ?? -1)
    }
  })

  it('asks the driver where it can walk by itself', async () => {
    const driver = { ...memory(files), list: () => Promise.reject(new Error('nobody shall list')) }
    expect(await paths(walk(driver, parsePath('a/b')))).toEqual(['a/b/2', 'a/b/c', 'a/b/c/3'])
  })

  it('goes only as deep as it is told, even where the driver walks by itself', async () => {
    expect(await paths(walk(memory(files), root, { depth: 1 }))).toEqual(['a', 'd', 'e'])
    expect(await paths(walk(memory(files), root, { depth: 2 }))).toEqual(['a', 'a/1', 'a/b', 'd', 'd/4', 'e'])
  })

  it('yields, but does not enter, what it is told to leave out', async () => {
    const found = await paths(walk(memory(files), root, { descend: ({ name }) => name !== 'b' }))
    expect(found).toEqual(['a', 'a/1', 'a/b', 'd', 'd/4', 'e'])
  })

  it('does not enter directories that are symbolic links', async () => {
    const inner = memory(files)
    const driver = listing(inner, () => {})
    const list: StorageDriver['list'] = async (path, options) => {
      const page = await inner.list(path, options)
      return {
        ...page,
        items: page.items.map((entry) => (entry.name === 'b' ? { ...entry, symlinkTarget: '..' } : entry)),
      }
    }
    expect(await paths(walk({ ...driver, list }, root))).toEqual(['a', 'a/1', 'a/b', 'd', 'd/4', 'e'])
  })

  it('lists a bounded number of directories at the same time', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, place) => [`folder-${place}/file`, '']))
    let running = 0
    let most = 0
    const driver = listing(memory(many), async () => {
      most = Math.max(most, ++running)
      await tick()
      running--
    })
    expect(await paths(walk(driver, root, { concurrency: 3 }))).toHaveLength(60)
    expect(most).toBe(3)
  })

  it('keeps few directories waiting, however broad the tree is', async () => {
    const broad = Object.fromEntries(
      Array.from({ length: 900 }, (_, place) => [`folder-${String(place).padStart(3, '0')}/file`, '']),
    )
    const order: string[] = []
    const driver = listing(
      memory(broad, { pageSize: 10 }),
      (path, { cursor }) => void order.push(cursor ? 'more' : path),
    )
    await gathered(walk(driver, root, { concurrency: 1 }))
    // Each page of directories is done with before the next page of the broad one is asked for.
    expect(order.slice(1, 12)).toEqual([...order.slice(1, 11).filter((path) => path !== 'more'), 'more'])
    expect(order.filter((path) => path === 'more')).toHaveLength(89)
  })

  it('passes over a directory that is removed meanwhile', async () => {
    const driver = listing(memory(files), (path) => {
      if (path === 'a/b') throw notFound(path)
    })
    expect(await paths(walk(driver, root))).toEqual(['a', 'a/1', 'a/b', 'd', 'd/4', 'e'])
  })

  it('asks for fresh answers when it is told to', async () => {
    const asked: unknown[] = []
    const driver = listing(memory(files), (_path, { fresh }) => void asked.push(fresh))
    await gathered(walk(driver, root, { fresh: true }))
    expect(new Set(asked)).toEqual(new Set([true]))
  })

  it('rejects when the directory itself is not there, and when one cannot be listed', async () => {
    await expect(
      paths(
        walk(
          listing(memory(), () => {}),
          parsePath('no'),
        ),
      ),
    ).rejects.toSatisfy((error) => StorageError.is(error, 'NotFound'))
    const driver = listing(memory(files), (path) => {
      if (path === 'a/b') throw new StorageError('AccessDenied', 'no')
    })
    await expect(paths(walk(driver, root))).rejects.toSatisfy((error) => StorageError.is(error, 'AccessDenied'))
  })

  it('aborts the listings that are under way when the consumer leaves', async () => {
    const aborted = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const driver = listing(memory(files), async (path, { signal }) => {
      if (path !== 'a') return
      begun.resolve()
      signal?.addEventListener('abort', () => aborted.resolve())
      await aborted.promise
    })
    const entries = walk(driver, root)
    for await (const entry of entries) {
      if (entry.path !== 'e') continue
      // The next step begins the listing of the folders; leaving happens in the midst of it.
      void entries.next()
      break
    }
    await begun.promise
    await entries.return(undefined)
    await expect(aborted.promise).resolves.toBeUndefined()
  })

  it('stops when the signal is aborted', async () => {
    const controller = new AbortController()
    const entries = walk(
      listing(memory(files), () => {}),
      root,
      { signal: controller.signal },
    )
    await entries.next()
    controller.abort()
    await expect(entries.next()).rejects.toSatisfy((error) => StorageError.is(error, 'Aborted'))
  })

  it('ends on a directory whose pages run in a circle', async () => {
    const driver = listing(memory(files), () => {})
    const list: StorageDriver['list'] = async () => ({ items: [], cursor: 'again' })
    await expect(paths(walk({ ...driver, list }, root))).rejects.toThrow('circle')
  })
})
