import { memory, parsePath, type StorageDriver, StorageError } from '@filegate/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { walkStoredTree } from './stored-tree-walk.ts'
import type { TreeLimits } from './tree-limits.ts'
import type { TreeWalkOptions } from './tree-walk.ts'

const unlimited: TreeLimits = { maxDepth: 50, noIgnore: false, hidden: true }

/** With the names of the methods that were called. */
function counted(files: Readonly<Record<string, string>>, changes: Partial<StorageDriver> = {}) {
  const calls: string[] = []
  const base: StorageDriver = { ...memory(files), ...changes }
  const storage: StorageDriver = {
    ...base,
    list(path, options) {
      calls.push('list')
      return base.list(path, options)
    },
    read(path, options) {
      calls.push('read')
      return base.read(path, options)
    },
    ...(base.walk && {
      walk(path, options) {
        calls.push('walk')
        return base.walk?.(path, options) ?? Promise.reject(new Error('It cannot walk.'))
      },
    }),
  }
  return { storage, calls }
}

async function walked(storage: StorageDriver, options: Partial<TreeWalkOptions> = {}, top = ''): Promise<string[]> {
  const paths: string[] = []
  const { signal } = new AbortController()
  for await (const entries of walkStoredTree(storage, parsePath(top), { limits: unlimited, signal, ...options })) {
    paths.push(...entries.map(({ path }) => path))
  }
  return paths.sort()
}

const many: Record<string, string> = { '.gitignore': '*.log\n' }
for (let folder = 0; folder < 500; folder++) {
  for (const name of ['a.ts', 'b.log', 'c/d.ts']) many[`folder-${folder}/${name}`] = ''
}

describe('a walk through a storage that can say all that is below a directory', () => {
  it('takes a request for a thousand entries, not one for each directory', async () => {
    const { storage, calls } = counted(many)
    expect(await walked(storage)).toHaveLength(1 + 500 * 4)
    expect(calls).toEqual(['walk', 'walk', 'walk', 'read'])
  })

  it('reads no rules when they do not count', async () => {
    const { storage, calls } = counted(many)
    expect(await walked(storage, { limits: { ...unlimited, noIgnore: true } })).toHaveLength(1 + 500 * 5)
    expect(calls).toEqual(['walk', 'walk', 'walk'])
  })

  it.each([
    ['only the first levels are of interest', { limits: { ...unlimited, maxDepth: 2 } }],
    ['what is looked for is at a certain depth', { isDeep: false, enter: () => false }],
  ] as const)('goes from listing to listing where %s', async (_, options) => {
    const { storage, calls } = counted(many)
    await walked(storage, options)
    expect(calls).not.toContain('walk')
  })

  it('goes from listing to listing where the storage says that it cannot, or where there is too much', async () => {
    const unable = counted(many, { walk: () => Promise.reject(new StorageError('Unsupported', 'No.')) })
    expect(await walked(unable.storage)).toHaveLength(1 + 500 * 4)
    const entry = { kind: 'file', path: parsePath('a'), name: 'a' } as const
    let pages = 0
    const endless = counted(many, {
      walk: async () => ({ items: Array.from({ length: 1000 }, () => entry), cursor: String(pages++) }),
    })
    expect(await walked(endless.storage)).toHaveLength(1 + 500 * 4)
    expect(pages).toBeLessThan(60)
  })

  it('refuses pages that run in a circle', async () => {
    const { storage } = counted(many, { walk: async () => ({ items: [], cursor: 'same' }) })
    await expect(walked(storage)).rejects.toThrow('circle')
  })

  it('says as a listing does that there is no such directory', async () => {
    const { storage } = counted(many)
    await expect(walked(storage, {}, 'nowhere')).rejects.toMatchObject({ code: 'NotFound' })
    await expect(walked(storage, {}, '.gitignore')).rejects.toMatchObject({ code: 'NotADirectory' })
  })

  it('finds in generated trees, under generated rules, what one finds listing by listing', async () => {
    const name = fc.constantFrom('a', 'b', '.c', '-d', 'a.x', '.gitignore', '.ignore', '.git')
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
    const text = fc.constantFrom('', 'a', '*.x', '/b', '!a', 'b/\n!.c', '**/a\n-d')
    const limits = fc.record({ maxDepth: fc.integer({ min: 3, max: 5 }), noIgnore: fc.boolean(), hidden: fc.boolean() })
    const property = fc.asyncProperty(
      fc.array(fc.tuple(path, text), { minLength: 1, maxLength: 14 }),
      limits,
      fc.constantFrom('', 'a', 'a/b'),
      async (files, chosen, top) => {
        const planted: Record<string, string> = { 'a/b/z': '' }
        for (const [file, content] of files) {
          const clashes = Object.keys(planted).some((one) => one.startsWith(`${file}/`) || file.startsWith(`${one}/`))
          if (!clashes) planted[file] = content
        }
        const storage = memory(planted, { pageSize: 3 })
        const withoutWalk: StorageDriver = {
          provider: storage.provider,
          traits: storage.traits,
          stat: (...call) => storage.stat(...call),
          list: (...call) => storage.list(...call),
          read: (...call) => storage.read(...call),
        }
        const paths = await walked(storage, { limits: chosen }, top)
        expect(paths).toEqual(await walked(withoutWalk, { limits: chosen }, top))
      },
    )
    await fc.assert(property, { numRuns: 300 })
  })
})
