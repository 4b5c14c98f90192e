import { root } from '@filegate/core'
import { expect } from 'vitest'
import { expectRejection, listAll, listNames } from '../ask.ts'
import { paths } from '../gallery.ts'
import { impliedDirectories, rule } from '../rule.ts'

const nestedNames = ['a.txt', 'b.txt', 'one', 'one-2', 'onemore']

export const listRules = [
  rule('list yields each child once, and never the directory itself', {}, async (driver) => {
    const entries = await listAll(driver, paths.nested)
    expect(entries.map(({ name }) => name).sort()).toEqual(nestedNames)
    expect(entries.map(({ path }) => path).sort()).toEqual(nestedNames.map((name) => `nested/${name}`))
    expect(entries.filter(({ kind }) => kind === 'directory')).toHaveLength(3)
  }),
  rule('list of the root yields what stands at the top', {}, async (driver, { seeds }) => {
    const files = seeds.filter(({ kind }) => kind === 'file')
    const top = new Set(files.map(({ path }) => path.slice(0, path.indexOf('/'))))
    const entries = await listAll(driver, root)
    const names = entries.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining([...top]))
    expect(new Set(names).size).toBe(names.length)
    for (const { name, path } of entries) expect(path).toBe(name)
  }),
  rule('list of an empty directory yields nothing', { unless: impliedDirectories }, async (driver) => {
    expect(await listAll(driver, paths.emptyDirectory)).toEqual([])
  }),
  rule('list of a directory that holds one directory yields that one', {}, async (driver) => {
    expect(await listNames(driver, paths.deep)).toEqual(['level-1'])
  }),
  rule('list of a file rejects with NotADirectory', {}, async (driver) => {
    await expectRejection(driver.list(paths.hello), 'NotADirectory')
  }),
  rule('list of an empty file rejects with NotADirectory', {}, async (driver) => {
    await expectRejection(driver.list(paths.empty), 'NotADirectory')
  }),
  rule('list of a missing path rejects with NotFound', {}, async (driver) => {
    await expectRejection(driver.list(paths.missing), 'NotFound')
  }),
  rule('list of a path below a file rejects with NotFound', {}, async (driver) => {
    await expectRejection(driver.list(paths.belowFile), 'NotFound')
  }),
  rule('list yields all of a crowded directory, page by page', {}, async (driver, { seeds }) => {
    const expected = seeds.filter(({ path }) => path.startsWith('crowd/')).map(({ path }) => path)
    const entries = await listAll(driver, paths.crowd)
    expect(entries.map(({ path }) => path).sort()).toEqual(expected.sort())
  }),
  rule('a page of a listing holds at most as many entries as were asked for', {}, async (driver) => {
    const page = await driver.list(paths.nested, { limit: 2 })
    expect(page.items.length).toBeLessThanOrEqual(2)
    expect(page.cursor).toBeDefined()
    const entries = await listAll(driver, paths.nested, 2)
    expect(entries.map(({ name }) => name).sort()).toEqual(nestedNames)
  }),
  rule('a page of one entry at a time leads through the whole directory', {}, async (driver) => {
    const entries = await listAll(driver, paths.nested, 1)
    expect(entries.map(({ name }) => name).sort()).toEqual(nestedNames)
  }),
  rule('the last page of a listing has no cursor', {}, async (driver) => {
    const page = await driver.list(paths.nested, { limit: 1000 })
    expect(page.items).toHaveLength(nestedNames.length)
    expect(page.cursor).toBeUndefined()
  }),
  rule('a page of a listing can be asked for again', {}, async (driver) => {
    const { cursor } = await driver.list(paths.nested, { limit: 2 })
    const first = await driver.list(paths.nested, { limit: 2, cursor })
    const again = await driver.list(paths.nested, { limit: 2, cursor })
    expect(again.items.map(({ path }) => path)).toEqual(first.items.map(({ path }) => path))
  }),
  rule('list and stat say the same of a file', {}, async (driver) => {
    const listed = (await listAll(driver, paths.files)).find(({ name }) => name === 'hello.txt')
    const stated = await driver.stat(paths.hello)
    expect(listed).toMatchObject({ kind: 'file', path: stated.path, name: stated.name })
    if (listed?.kind !== 'file' || stated.kind !== 'file') throw new Error('not a file')
    for (const key of ['size', 'etag', 'modified'] as const) {
      if (listed[key] !== undefined && stated[key] !== undefined) expect(listed[key]).toBe(stated[key])
    }
  }),
]
