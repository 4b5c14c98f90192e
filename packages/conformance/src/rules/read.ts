import { root } from '@filegate/core'
import { expect } from 'vitest'
import { expectRejection, readBytes, readText } from '../ask.ts'
import { helloText, largest, paths, sampleBytes, sizedPath, sizes } from '../gallery.ts'
import { rule } from '../rule.ts'

export const readRules = [
  rule('read gives the bytes of a file and its entry', {}, async (driver) => {
    const { entry, body } = await driver.read(paths.hello)
    expect(entry).toMatchObject({ kind: 'file', path: paths.hello, name: 'hello.txt' })
    if (entry.size !== undefined) expect(entry.size).toBe(helloText.length)
    expect(await new Response(body).text()).toBe(helloText)
  }),
  rule('read of an empty file gives a body without bytes', {}, async (driver) => {
    expect(await readText(driver, paths.empty)).toBe('')
  }),
  ...sizes.map((size) =>
    rule(`read gives all of a file of ${size} bytes`, {}, async (driver) => {
      const bytes = await readBytes(driver, sizedPath(size))
      expect(bytes.length).toBe(size)
      expect(Buffer.compare(bytes, sampleBytes(size))).toBe(0)
    }),
  ),
  rule('read streams: no chunk holds a whole large file', {}, async (driver) => {
    const { body } = await driver.read(sizedPath(largest))
    for await (const chunk of body) expect(chunk.length).toBeLessThan(largest)
  }),
  rule('the entry of a read says the same as stat', {}, async (driver) => {
    const stated = await driver.stat(paths.hello)
    const { entry, body } = await driver.read(paths.hello)
    await body.cancel()
    if (stated.kind !== 'file') throw new Error('not a file')
    for (const key of ['path', 'name', 'size', 'etag', 'modified'] as const) {
      if (stated[key] !== undefined && entry[key] !== undefined) expect(entry[key]).toBe(stated[key])
    }
  }),
  rule('read of a directory rejects with IsADirectory', {}, async (driver) => {
    await expectRejection(driver.read(paths.nested), 'IsADirectory')
  }),
  rule('read of the root rejects with IsADirectory', {}, async (driver) => {
    await expectRejection(driver.read(root), 'IsADirectory')
  }),
  rule('read of a missing path rejects with NotFound', {}, async (driver) => {
    await expectRejection(driver.read(paths.missing), 'NotFound')
  }),
  rule('read of a path below a file rejects with NotFound', {}, async (driver) => {
    await expectRejection(driver.read(paths.belowFile), 'NotFound')
  }),
  rule('read of a version that never was rejects', { needs: ['revisions'] }, async (driver) => {
    await expectRejection(driver.read(paths.hello, { version: 'no-such-version' }), 'NotFound', 'InvalidArgument')
  }),
]
