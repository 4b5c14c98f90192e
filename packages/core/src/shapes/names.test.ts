import { describe, expect, it } from 'vitest'
import { assemble } from '../assemble.ts'
import { Storage } from '../storage.ts'
import { flatStore } from '../testing/flat-store.ts'
import { gathered } from '../testing/gathered.ts'
import { idStore, topId } from '../testing/id-store.ts'
import { fromBucket } from './bucket.ts'
import { fromTree } from './tree.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('names that no path can hold, through the layers', () => {
  it('of a tree are shown in the standard form, under which they can be read and written', async () => {
    const store = idStore()
    const folder = store.put(topId, 'a/b')
    store.put(folder, '..', bytes('dots'))
    store.put(folder, '', bytes('nameless'))
    const storage = new Storage(assemble(fromTree(store.source), { mask: 16_777_216 }))
    expect((await gathered(storage.list(''))).map(({ path }) => path)).toEqual(['a／b'])
    const inside = await gathered(storage.list('a／b'))
    expect(inside.map(({ name }) => name)).toContain('．．')
    const texts = await Promise.all(inside.map(({ path }) => storage.text(path)))
    expect(texts.sort()).toEqual(['dots', 'nameless'])
    expect(await storage.exists('a/b')).toBe(false)
    await storage.write('a／b/c／d', 'new')
    const { items } = await store.source.children(folder, {})
    expect(items.map(({ facts }) => facts.name)).toEqual(['..', '', 'c/d'])
  })

  it('of a bucket do not break a listing, and can be read', async () => {
    const store = flatStore()
    for (const key of ['/lead', 'a//b', 'plain']) store.put(key, bytes(key))
    const storage = new Storage(assemble(fromBucket(store.source), { mask: 50_331_650 }))
    const files = (await gathered(storage.walk(''))).filter(({ kind }) => kind === 'file')
    const texts = await Promise.all(files.map(({ path }) => storage.text(path)))
    expect(texts.sort()).toEqual(['/lead', 'a//b', 'plain'])
  })
})
