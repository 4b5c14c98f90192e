import { baseName, hashAlgorithms, parentPath, root } from '@filegate/core'
import { expect } from 'vitest'
import { bytesOf, expectRejection, listAll, writeBytes } from '../ask.ts'
import { digestOf } from '../digest-of.ts'
import { helloText, paths } from '../gallery.ts'
import { impliedDirectories, rule } from '../rule.ts'

const year2001 = 978_307_200_000
const day = 86_400_000

export const statRules = [
  rule('stat of a file tells its path, name, kind and size', {}, async (driver) => {
    const entry = await driver.stat(paths.hello)
    expect(entry).toMatchObject({ kind: 'file', path: paths.hello, name: 'hello.txt' })
    if (entry.kind === 'file' && entry.size !== undefined) expect(entry.size).toBe(helloText.length)
  }),
  rule('stat of an empty file tells the size 0', {}, async (driver) => {
    const entry = await driver.stat(paths.empty)
    expect(entry).toMatchObject({ kind: 'file', path: paths.empty, size: 0 })
  }),
  rule('stat of a directory tells its path, name and kind', {}, async (driver) => {
    expect(await driver.stat(paths.nested)).toMatchObject({ kind: 'directory', path: 'nested', name: 'nested' })
  }),
  rule('stat of the root is a directory without a name', {}, async (driver) => {
    expect(await driver.stat(root)).toMatchObject({ kind: 'directory', path: '', name: '' })
  }),
  rule('stat of an empty directory finds it', { unless: impliedDirectories }, async (driver) => {
    expect(await driver.stat(paths.emptyDirectory)).toMatchObject({ kind: 'directory', path: paths.emptyDirectory })
  }),
  rule('stat finds what lies 25 directories deep', {}, async (driver) => {
    expect(await driver.stat(paths.deepest)).toMatchObject({ kind: 'file', path: paths.deepest, name: 'leaf.txt' })
    const above = parentPath(paths.deepest)
    expect(await driver.stat(above)).toMatchObject({ kind: 'directory', path: above, name: baseName(above) })
  }),
  rule('stat of a missing path rejects with NotFound', {}, async (driver) => {
    await expectRejection(driver.stat(paths.missing), 'NotFound')
  }),
  rule('stat of a path below a file rejects with NotFound', {}, async (driver) => {
    await expectRejection(driver.stat(paths.belowFile), 'NotFound')
  }),
  rule('a modification time is in Unix milliseconds', {}, async (driver) => {
    const { modified } = await driver.stat(paths.hello)
    if (driver.traits.modifiedPrecision !== undefined) expect(modified).toBeTypeOf('number')
    if (modified === undefined) return
    expect(modified).toBeGreaterThan(year2001)
    expect(modified).toBeLessThan(Date.now() + day)
  }),
  rule('an etag is quoted and stays while the bytes stay', {}, async (driver) => {
    const first = await driver.stat(paths.hello)
    const second = await driver.stat(paths.hello)
    if (first.kind !== 'file' || second.kind !== 'file') throw new Error('not a file')
    expect(second.etag).toBe(first.etag)
    if (first.etag !== undefined) expect(first.etag).toMatch(/^(W\/)?"[^"]*"$/)
  }),
  rule('an etag changes whenever the bytes do', { needs: ['write'] }, async (driver, stage) => {
    const path = stage.freshPath()
    await writeBytes(driver, path, 'one')
    const before = await driver.stat(path)
    await writeBytes(driver, path, 'two')
    const after = await driver.stat(path)
    if (before.kind !== 'file' || after.kind !== 'file') throw new Error('not a file')
    if (before.etag !== undefined) expect(after.etag).not.toBe(before.etag)
  }),
  rule('hashes that come with an entry are lower-case hexadecimal digests of its bytes', {}, async (driver) => {
    const entry = await driver.stat(paths.hello)
    if (entry.kind !== 'file') throw new Error('not a file')
    for (const algorithm of hashAlgorithms) {
      const hash = entry.hashes?.[algorithm]
      if (hash !== undefined) expect(hash).toBe(digestOf(bytesOf(helloText), algorithm))
    }
  }),
  rule('a number of children that comes with a directory is how many it holds', {}, async (driver) => {
    const entry = await driver.stat(paths.nested)
    if (entry.kind !== 'directory') throw new Error('not a directory')
    if (entry.children !== undefined) expect(entry.children).toBe((await listAll(driver, paths.nested)).length)
  }),
]
