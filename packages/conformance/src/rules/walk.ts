import { parentPath, root, type StoragePath } from '@filegate/core'
import { expect } from 'vitest'
import { allPages, expectRejection } from '../ask.ts'
import { paths } from '../gallery.ts'
import { impliedDirectories, rule } from '../rule.ts'

const nested = [
  'nested/a.txt',
  'nested/b.txt',
  'nested/one',
  'nested/one-2',
  'nested/one-2/f.txt',
  'nested/one/c.txt',
  'nested/one/two',
  'nested/one/two/d.txt',
  'nested/one/two/e.txt',
  'nested/onemore',
  'nested/onemore/g.txt',
]

export const walkRules = [
  rule(
    'walk yields everything below a directory once, and never the directory itself',
    { needs: ['walk'] },
    async (driver) => {
      const entries = await allPages((options) => driver.walk(paths.nested, options))
      expect(entries.map(({ path }) => path).sort()).toEqual(nested)
      const files = entries.filter(({ kind }) => kind === 'file').map(({ path }) => path)
      expect(files.sort()).toEqual(nested.filter((path) => path.endsWith('.txt')))
    },
  ),
  ...[1, 2, 3].map((limit) =>
    rule(`walk in pages of at most ${limit} yields the same`, { needs: ['walk'] }, async (driver) => {
      const entries = await allPages((options) => driver.walk(paths.nested, options), limit)
      expect(entries.map(({ path }) => path).sort()).toEqual(nested)
    }),
  ),
  rule('walk of the root finds everything, however deep', { needs: ['walk'] }, async (driver, { seeds }) => {
    const entries = await allPages((options) => driver.walk(root, options))
    const found = entries.map(({ path }) => path)
    const files = seeds.filter(({ kind }) => kind === 'file').map(({ path }) => path)
    const expected = new Set(files.flatMap((path) => [path, ...above(path)]))
    expect(new Set(found).size).toBe(found.length)
    expect([...expected].filter((path) => !found.includes(path))).toEqual([])
  }),
  rule('walk of an empty directory yields nothing', { needs: ['walk'], unless: impliedDirectories }, async (driver) => {
    expect(await allPages((options) => driver.walk(paths.emptyDirectory, options))).toEqual([])
  }),
  rule('walk of a file rejects with NotADirectory', { needs: ['walk'] }, async (driver) => {
    await expectRejection(driver.walk(paths.hello), 'NotADirectory')
  }),
  rule('walk of a missing path rejects with NotFound', { needs: ['walk'] }, async (driver) => {
    await expectRejection(driver.walk(paths.missing), 'NotFound')
  }),
]

function above(path: StoragePath): StoragePath[] {
  const parent = parentPath(path)
  return parent === root ? [] : [parent, ...above(parent)]
}
