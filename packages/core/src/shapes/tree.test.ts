import { describe, expect, it } from 'vitest'
import { requireMethods } from '../capability.ts'
import { StorageError } from '../error.ts'
import { nameOfSegment } from '../names/segment.ts'
import { parsePath } from '../path.ts'
import { Storage } from '../storage.ts'
import { gathered } from '../testing/gathered.ts'
import { type IdStore, type IdStoreOptions, idStore, topId } from '../testing/id-store.ts'
import { fromTree } from './tree.ts'
import type { TreeItem, TreeSource } from './tree-source.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const isCode = (code: Parameters<typeof StorageError.is>[1]) => (error: unknown) => StorageError.is(error, code)

/** `a/b/file` and `top.txt`. */
function filled(options: IdStoreOptions = {}) {
  const store = idStore(options)
  const a = store.put(topId, 'a')
  const b = store.put(a, 'b')
  const file = store.put(b, 'file', bytes('content'))
  store.put(topId, 'top.txt', bytes('top'))
  return { store, a, b, file, storage: new Storage(fromTree(store.source)) }
}

function callsDuring(store: IdStore): () => string[] {
  const before = store.calls.length
  return () => store.calls.slice(before)
}

describe('the ids of directories', () => {
  it('are looked up once and then remembered', async () => {
    const { store, storage, b, file } = filled()
    await storage.text('a/b/file')
    const calls = callsDuring(store)
    await storage.text('a/b/file')
    expect(calls()).toEqual([`children ${b}`, `open ${file}`])
  })

  it('are learnt from listings', async () => {
    const { store, storage, a, b } = filled()
    await gathered(storage.list('a'))
    const calls = callsDuring(store)
    await gathered(storage.list('a/b'))
    expect(calls()).toEqual([`children ${b}`])
    expect(store.calls).toContain(`children ${a}`)
  })

  it('are forgotten after a while', async () => {
    let now = 0
    const { store, storage } = filled({ now: () => now })
    await storage.stat('a/b/file')
    now = 61_000
    const calls = callsDuring(store)
    await storage.stat('a/b/file')
    expect(calls()).toHaveLength(3)
  })

  it('are looked up anew when a fresh answer is wanted', async () => {
    const { store, storage } = filled()
    await storage.stat('a/b/file')
    const calls = callsDuring(store)
    await storage.stat('a/b/file', { fresh: true })
    expect(calls()).toHaveLength(3)
  })

  it.each([{ child: true }, { child: false }])('are looked up anew when they lead nowhere, %j', async (options) => {
    const { store, storage, a } = filled(options)
    await storage.stat('a/b/file')
    store.drop(a)
    const again = store.put(store.put(topId, 'a'), 'b')
    store.put(again, 'file', bytes('another'))
    expect(await storage.text('a/b/file')).toBe('another')
    expect((await gathered(storage.list('a/b'))).map(({ path }) => path)).toEqual(['a/b/file'])
  })

  it('lead to NotFound when the directory is gone for good', async () => {
    const { store, storage, a } = filled()
    await storage.stat('a/b/file')
    store.drop(a)
    await expect(storage.stat('a/b/file')).rejects.toSatisfy(isCode('NotFound'))
    await expect(gathered(storage.list('a/b'))).rejects.toSatisfy(isCode('NotFound'))
    await expect(storage.text('a/b/file')).rejects.toSatisfy(isCode('NotFound'))
  })

  it('lead to NotADirectory when a file has taken the place', async () => {
    const { store, storage, b, a } = filled()
    await gathered(storage.list('a/b'))
    store.drop(b)
    store.put(a, 'b', bytes('a file now'))
    await expect(gathered(storage.list('a/b'))).rejects.toSatisfy(isCode('NotADirectory'))
  })

  it('are forgotten with all below when a directory is removed or moved', async () => {
    const { store, storage } = filled()
    await storage.stat('a/b/file')
    await storage.move('a', { destination: 'z' })
    expect(await storage.exists('a/b/file')).toBe(false)
    expect(await storage.text('z/b/file')).toBe('content')
    await storage.remove('z')
    expect(await storage.exists('z/b')).toBe(false)
    expect(store.calls.filter((call) => call.startsWith('remove'))).toHaveLength(1)
  })

  it('are recognised as gone by the error of a vendor library', async () => {
    const { store, a } = filled()
    const gone = (): never => {
      throw Object.assign(new Error('File not found: item'), { status: 404 })
    }
    let broken = false
    const storage = new Storage(
      fromTree({
        ...store.source,
        children: async (id, options) => (broken && id === a ? gone() : store.source.children(id, options)),
      }),
    )
    await storage.stat('a/b')
    broken = true
    await expect(storage.stat('a/b')).rejects.toSatisfy(isCode('NotFound'))
  })

  it('say nothing about failures of another kind', async () => {
    const { store } = filled()
    const children = () => Promise.reject(new StorageError('Throttled', 'slow down'))
    const storage = new Storage(fromTree({ ...store.source, children }))
    await expect(storage.exists('a/b')).rejects.toSatisfy(isCode('Throttled'))
  })
})

describe('a way that the service finds at once', () => {
  /** `a/b/c/d/file`, and what `at` was asked with. */
  function deep(finds: (names: readonly string[]) => boolean = () => true) {
    const store = idStore({ child: true })
    const ids: Record<string, string> = { '': topId }
    let path = ''
    for (const name of ['a', 'b', 'c', 'd']) {
      const id = store.put(ids[path] ?? '', name)
      path = path === '' ? name : `${path}/${name}`
      ids[path] = id
    }
    store.put(ids[path] ?? '', 'file', bytes('content'))
    const leaps: string[] = []
    const { child } = store.source
    const at: TreeSource['at'] = async ({ directory, names }, options) => {
      leaps.push(`${directory} ${names.join('/')}`)
      if (!finds(names)) return undefined
      let found: TreeItem | undefined
      for (const name of names) [found] = (await child?.({ directory: found?.id ?? directory, name }, options)) ?? []
      store.calls.splice(-names.length)
      return found
    }
    return { store, ids, leaps, storage: new Storage(fromTree({ ...store.source, at })) }
  }

  it('is not gone step by step, be it from the root or from what is known', async () => {
    const { store, ids, leaps, storage } = deep()
    expect(await storage.text('a/b/c/d/file')).toBe('content')
    expect([leaps, store.calls]).toEqual([
      ['top a/b/c/d'],
      [`child ${ids['a/b/c/d']} file`, expect.stringMatching(/^open /)],
    ])
    await storage.stat('a/b')
    leaps.splice(0)
    await storage.stat('a/b/c/d/file', { fresh: true })
    expect(leaps).toEqual(['top a/b/c/d'])
  })

  it('begins where the nearest directory is known', async () => {
    const { ids, leaps, storage } = deep()
    await gathered(storage.list('a'))
    expect(leaps).toEqual([])
    await storage.stat('a/b/c/d/file')
    expect(leaps).toEqual([`${ids['a/b']} c/d`])
  })

  it('is gone step by step where the service does not find it, which is tried once', async () => {
    const { store, leaps, storage } = deep(() => false)
    expect(await storage.text('a/b/c/d/file')).toBe('content')
    expect([leaps, store.calls.filter((call) => call.startsWith('child'))]).toEqual([
      ['top a/b/c/d'],
      expect.objectContaining({ length: 5 }),
    ])
    await expect(storage.stat('a/none/c/file')).rejects.toSatisfy(isCode('NotFound'))
  })

  it('may end at a file, below which nothing is', async () => {
    const { storage } = deep()
    await expect(storage.stat('a/b/c/d/file/below')).rejects.toSatisfy(isCode('NotFound'))
    await expect(gathered(storage.list('a/b/c/d/file'))).rejects.toSatisfy(isCode('NotADirectory'))
  })

  it('that begins at a directory which is gone begins anew', async () => {
    const { store, ids, storage } = deep()
    await gathered(storage.list('a'))
    store.drop(ids['a'] ?? '')
    store.put(store.put(store.put(store.put(topId, 'a'), 'b'), 'c'), 'file', bytes('another'))
    expect(await storage.text('a/b/c/file')).toBe('another')
  })
})

describe('a name that a directory holds twice', () => {
  function twice(child: boolean) {
    const store = idStore({ duplicates: true, child, pageSize: 2 })
    const older = store.put(topId, 'same', bytes('older'), 1000)
    const newer = store.put(topId, 'same', bytes('newer'), 2000)
    store.put(topId, 'other', bytes('other'), 3000)
    const oldest = store.put(topId, 'same', bytes('oldest'), 500)
    return { store, older, newer, oldest, storage: new Storage(fromTree(store.source)) }
  }

  it.each([true, false])('means the newest item (child: %s)', async (child) => {
    const { storage } = twice(child)
    expect(await storage.text('same')).toBe('newer')
    expect(await storage.stat('same')).toMatchObject({ modified: 2000 })
  })

  it.each([undefined, 1, 2])('is listed once, in pages of %s', async (limit) => {
    const { storage } = twice(false)
    const entries = await gathered(storage.list('', { limit }))
    expect(entries.map(({ name, modified }) => `${name} ${modified}`).sort()).toEqual(['other 3000', 'same 2000'])
  })

  it('shows the one before when the newest is removed', async () => {
    const { storage } = twice(false)
    await storage.remove('same')
    expect(await storage.text('same')).toBe('older')
  })

  it('means the same item at each call, when both are of the same time', async () => {
    const store = idStore({ duplicates: true })
    store.put(topId, 'same', bytes('one'), 1000)
    store.put(topId, 'same', bytes('two'), 1000)
    const storage = new Storage(fromTree(store.source))
    expect(await storage.text('same')).toBe(await storage.text('same'))
    expect(await gathered(storage.list(''))).toHaveLength(1)
  })

  it('does not come of files written, or directories made, at the same time', async () => {
    const store = idStore({ duplicates: true, update: false })
    const storage = new Storage(fromTree(store.source))
    await Promise.all(['1', '2', '3'].map((text) => storage.write('new/folder/file', text)))
    await Promise.all(['a', 'b'].map((name) => storage.makeDirectory(`new/other/${name}`)))
    expect(store.calls.filter((call) => call.startsWith('createDirectory'))).toHaveLength(5)
    const files = await store.source.children(topId, {})
    expect(files.items).toHaveLength(1)
  })
})

describe('a walk by the service itself', () => {
  it('becomes entries at their paths, below the directory that was asked for', async () => {
    const store = idStore()
    const a = store.put(topId, 'a/b')
    const asked: string[] = []
    const walk: TreeSource['walk'] = async (directory) => {
      asked.push(directory)
      return {
        items: [
          { within: [], item: { id: '1', facts: { kind: 'directory', name: 'c' } } },
          { within: ['c', '..'], item: { id: '2', facts: { kind: 'file', name: 'd/e' } } },
        ],
      }
    }
    const driver = fromTree({ ...store.source, walk })
    const [folder] = (await driver.list(parsePath(''))).items
    const found = await driver.walk?.(folder?.path ?? parsePath('none'))
    expect(found?.items.map(({ path }) => path.split('/').length)).toEqual([2, 4])
    expect(found?.items.map(({ name }) => nameOfSegment(name))).toEqual(['c', 'd/e'])
    expect(asked).toEqual([a])
    await expect(driver.walk?.(parsePath('missing'))).rejects.toSatisfy(isCode('NotFound'))
  })
})

describe('what a service knows of an item besides', () => {
  it('is asked for by stat, and neither by listings nor by reads', async () => {
    const { store, a, file } = filled()
    const told: string[] = []
    const metadata = async ({ id }: TreeItem) => ({ told: String(told.push(id)) })
    const storage = new Storage(fromTree({ ...store.source, metadata }))
    await gathered(storage.list('a/b'))
    expect(await storage.text('a/b/file')).toBe('content')
    expect(told).toEqual([])
    expect(await storage.stat('a/b/file')).toMatchObject({ path: 'a/b/file', size: 7, metadata: { told: '1' } })
    expect(await storage.stat('a')).toMatchObject({ kind: 'directory', metadata: { told: '2' } })
    expect(told).toEqual([file, a])
  })

  it('is nothing where the service is not asked', async () => {
    expect(await filled().storage.stat('a/b/file')).not.toHaveProperty('metadata')
  })

  it('fails the question where it cannot be told', async () => {
    const { store } = filled()
    const metadata = () => Promise.reject(new StorageError('AccessDenied', 'Not for you.'))
    const storage = new Storage(fromTree({ ...store.source, metadata }))
    await expect(storage.stat('a/b/file')).rejects.toSatisfy(isCode('AccessDenied'))
  })
})

describe('names that no path can hold', () => {
  it.each(['a/b', '..', '.', '', 'nul\0', '/'])('%j can be listed and read', async (name) => {
    const store = idStore()
    store.put(store.put(topId, name), name, bytes('found'))
    const storage = new Storage(fromTree(store.source))
    const [folder] = await gathered(storage.list(''))
    const [file] = await gathered(storage.list(folder?.path ?? 'none'))
    expect(await storage.text(file?.path ?? 'none')).toBe('found')
    expect(folder?.path.split('/')).toHaveLength(1)
    expect(folder?.name).toBe(folder?.path)
  })
})

describe('names in another case, where case is ignored', () => {
  const folding = () => {
    const store = idStore()
    const folder = store.put(topId, 'Folder')
    store.put(folder, 'File', Buffer.from('kept'))
    const traits = { ...store.source.traits, caseSensitive: false }
    return { store, folder, driver: requireMethods(fromTree({ ...store.source, traits }), 'move', 'copy') }
  }

  it('rename a file, be it told to overwrite or not, and lose nothing', async () => {
    for (const overwrite of [false, true]) {
      const { store, folder, driver } = folding()
      await driver.move(parsePath('Folder/File'), { destination: parsePath('folder/FILE'), overwrite })
      const { items } = await store.source.children(folder, {})
      expect(items.map(({ facts }) => facts.name)).toEqual(['FILE'])
    }
  })

  it('lead nowhere once the folder was moved or removed under another spelling', async () => {
    const { driver } = folding()
    await driver.stat(parsePath('folder/file'))
    await driver.move(parsePath('FOLDER'), { destination: parsePath('elsewhere') })
    await expect(driver.stat(parsePath('folder/file'))).rejects.toSatisfy(isCode('NotFound'))
  })

  it('neither copy a file onto itself nor put a folder into or around itself', async () => {
    const { store, driver } = folding()
    const refused = { destination: parsePath('folder/FILE'), overwrite: true }
    await expect(driver.copy(parsePath('Folder/File'), refused)).rejects.toSatisfy(isCode('AlreadyExists'))
    for (const [from, to] of [
      ['Folder/File', 'folder'],
      ['Folder', 'folder/below'],
    ] as const) {
      const moved = driver.move(parsePath(from), { destination: parsePath(to), overwrite: true })
      await expect(moved).rejects.toSatisfy(isCode('InvalidArgument'))
    }
    expect(store.calls.filter((call) => call.startsWith('remove'))).toEqual([])
  })
})

describe('what changes the tree', () => {
  it('has the methods for which the service has the means, and no others', () => {
    const { source } = idStore()
    const { provider, traits, root, children, open } = source
    const readOnly = fromTree({ provider, traits, root, children, open })
    const methods = Object.entries(readOnly).filter(([, value]) => typeof value === 'function')
    expect(methods.map(([name]) => name).sort()).toEqual(['list', 'read', 'stat'])
    const { create } = source
    expect(Object.keys(fromTree({ provider, traits, root, children, open, create }))).toContain('write')
  })

  it('replaces the bytes of a file by its id, which keeps its history', async () => {
    const { store, storage, file } = filled()
    await storage.write('a/b/file', 'new')
    expect(store.calls).toContain(`update ${file}`)
    expect(await storage.text('a/b/file')).toBe('new')
  })

  it('makes the new file before it removes the old one, where the service cannot replace', async () => {
    const { store, storage, file, b } = filled({ update: false })
    const calls = callsDuring(store)
    await storage.write('a/b/file', 'new')
    expect(calls().slice(-2)).toEqual([`create ${b} file`, `remove ${file}`])
    expect(await storage.text('a/b/file')).toBe('new')
  })

  it('refuses to write over a file that it can neither replace nor remove', async () => {
    const { store } = filled({ update: false })
    const storage = new Storage(fromTree({ ...store.source, remove: undefined }))
    await expect(storage.write('top.txt', 'new')).rejects.toSatisfy(isCode('AlreadyExists'))
    expect(await storage.text('top.txt')).toBe('top')
  })

  it('holds a write against its conditions before it begins', async () => {
    const { store, storage } = filled()
    const calls = callsDuring(store)
    const conditions = { ifMatch: ['"other"'] }
    await expect(storage.write('top.txt', 'new', { conditions })).rejects.toSatisfy(isCode('PreconditionFailed'))
    await expect(storage.write('new.txt', 'new', { conditions })).rejects.toSatisfy(isCode('PreconditionFailed'))
    expect(calls().filter((call) => !call.startsWith('children'))).toEqual([])
  })

  it('lets go of a body that it does not take', async () => {
    const { storage } = filled()
    const cancelled = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() })
    await expect(fromTree(filled().store.source).write?.(parsePath('a'), { body })).rejects.toSatisfy(
      isCode('IsADirectory'),
    )
    await cancelled.promise
    await expect(storage.write('top.txt/below', 'x')).rejects.toSatisfy(isCode('NotADirectory'))
  })

  it('copies a directory file by file where the service copies files only', async () => {
    const { store, storage } = filled({ copiesFilesOnly: true })
    await storage.makeDirectory('a/empty')
    await storage.copy('a', { destination: 'copy' })
    const found = await gathered(storage.walk('copy'))
    expect(found.map(({ path }) => path).sort()).toEqual(['copy/b', 'copy/b/file', 'copy/empty'])
    expect(store.calls.filter((call) => call.startsWith('copy '))).toHaveLength(1)
  })

  it('lets a second write to a file go on after one that failed', async () => {
    const { storage } = filled()
    const broken = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error('broken')) })
    const first = storage.write('top.txt', broken)
    const second = storage.write('top.txt', 'second')
    await expect(first).rejects.toThrow('broken')
    await second
    expect(await storage.text('top.txt')).toBe('second')
  })
})
