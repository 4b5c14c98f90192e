import { joinPath, parentPath, root, StorageError, streamBytes } from '@filegate/core'
import { expect } from 'vitest'
import {
  allPages,
  bytesOf,
  expectFailure,
  expectRejection,
  listNames,
  readBytes,
  readText,
  writeBytes,
} from '../ask.ts'
import { sampleBytes, sizes } from '../gallery.ts'
import { heldBody } from '../held-body.ts'
import { impliedDirectories, type Rule, rule, type Stage } from '../rule.ts'

const timeOfWriting = Date.UTC(2021, 4, 6, 7, 8, 9, 123)

const keepsNoTime = ({ driver }: Stage): string | undefined =>
  driver.traits.modifiedPrecision === undefined ? 'the storage keeps no modification time' : undefined

const ignoresIfMatch = ({ driver }: Stage): string | undefined =>
  driver.traits.conditions.includes('ifMatch') ? undefined : 'the storage does not evaluate ifMatch'

export const writeRules: readonly Rule[] = [
  rule('write makes a file and tells its entry', { needs: ['write'] }, async (driver, stage) => {
    const path = stage.freshPath()
    const entry = await writeBytes(driver, path, 'some text')
    expect(entry).toMatchObject({ kind: 'file', path, name: path.slice(path.lastIndexOf('/') + 1) })
    expect(await readText(driver, path)).toBe('some text')
    const stated = await driver.stat(path)
    for (const key of ['size', 'etag', 'modified'] as const) {
      if (stated.kind === 'file' && entry[key] !== undefined) expect(entry[key]).toBe(stated[key])
    }
  }),
  rule('write makes missing parents', { needs: ['write'] }, async (driver, stage) => {
    const top = stage.freshPath()
    const path = joinPath(joinPath(joinPath(top, 'a'), 'b'), 'c.txt')
    await writeBytes(driver, path, 'deep')
    expect(await readText(driver, path)).toBe('deep')
    expect(await driver.stat(parentPath(path))).toMatchObject({ kind: 'directory' })
    expect(await listNames(driver, top)).toEqual(['a'])
  }),
  rule('write replaces what was there', { needs: ['write'] }, async (driver, stage) => {
    const path = joinPath(stage.freshPath(), 'file.txt')
    await writeBytes(driver, path, 'a long old content')
    await writeBytes(driver, path, 'new')
    expect(await readText(driver, path)).toBe('new')
    expect(await listNames(driver, parentPath(path))).toEqual(['file.txt'])
  }),
  ...sizes.map((size) =>
    rule(`write takes a body of ${size} bytes`, { needs: ['write'] }, async (driver, stage) => {
      const path = stage.freshPath()
      await writeBytes(driver, path, sampleBytes(size))
      expect(Buffer.compare(await readBytes(driver, path), sampleBytes(size))).toBe(0)
    }),
  ),
  rule('write takes a body of unknown size', { needs: ['write'] }, async (driver, stage) => {
    const path = stage.freshPath()
    await driver.write(path, { body: streamBytes(sampleBytes(200_000)) })
    expect(Buffer.compare(await readBytes(driver, path), sampleBytes(200_000))).toBe(0)
  }),
  rule('the old content stays whole until the new content is complete', { needs: ['write'] }, async (driver, stage) => {
    const path = joinPath(stage.freshPath(), 'file.txt')
    await writeBytes(driver, path, 'old')
    const held = heldBody(bytesOf('first half, '), bytesOf('second half'))
    const writing = driver.write(path, { body: held.body })
    await held.begun
    expect(await readText(driver, path)).toBe('old')
    expect(await listNames(driver, parentPath(path))).toEqual(['file.txt'])
    held.finish()
    await writing
    expect(await readText(driver, path)).toBe('first half, second half')
  }),
  rule('a body that breaks leaves the old content and nothing else', { needs: ['write'] }, async (driver, stage) => {
    const path = joinPath(stage.freshPath(), 'file.txt')
    await writeBytes(driver, path, 'old')
    const held = heldBody(sampleBytes(100_000))
    const failed = expectFailure(driver.write(path, { body: held.body }))
    await held.begun
    held.break(new Error('the sender is gone'))
    await failed
    expect(await readText(driver, path)).toBe('old')
    expect(await listNames(driver, parentPath(path))).toEqual(['file.txt'])
  }),
  rule('a body that breaks makes no file where none was', { needs: ['write'] }, async (driver, stage) => {
    const path = stage.freshPath()
    const held = heldBody(sampleBytes(100_000))
    const failed = expectFailure(driver.write(path, { body: held.body }))
    await held.begun
    held.break(new Error('the sender is gone'))
    await failed
    await expectRejection(driver.stat(path), 'NotFound')
  }),
  rule('an aborted write leaves the old content and cancels the body', { needs: ['write'] }, async (driver, stage) => {
    const path = joinPath(stage.freshPath(), 'file.txt')
    await writeBytes(driver, path, 'old')
    const held = heldBody(sampleBytes(100_000))
    const controller = new AbortController()
    const rejected = expectRejection(driver.write(path, { body: held.body, signal: controller.signal }), 'Aborted')
    await held.begun
    controller.abort()
    await rejected
    await held.cancelled
    expect(await readText(driver, path)).toBe('old')
    expect(await listNames(driver, parentPath(path))).toEqual(['file.txt'])
  }),
  rule('a body of another size than announced leaves the old content', { needs: ['write'] }, async (driver, stage) => {
    const path = stage.freshPath()
    await writeBytes(driver, path, 'old')
    for (const size of [1, 1000]) {
      const writing = driver.write(path, { body: streamBytes(bytesOf('four')), size })
      await expect(writing).rejects.toSatisfy((error) => StorageError.is(error))
      expect(await readText(driver, path)).toBe('old')
    }
  }),
  rule(
    'write keeps the modification time that it is given',
    { needs: ['write'], unless: keepsNoTime },
    async (driver, stage) => {
      const path = stage.freshPath()
      await writeBytes(driver, path, 'x', { modified: timeOfWriting })
      expectTime((await driver.stat(path)).modified, driver.traits.modifiedPrecision)
    },
  ),
  rule(
    'a write whose condition fails leaves the old content',
    { needs: ['write'], unless: ignoresIfMatch },
    async (driver, stage) => {
      const path = stage.freshPath()
      await writeBytes(driver, path, 'old')
      const writing = writeBytes(driver, path, 'new', { conditions: { ifMatch: ['"another-etag"'] } })
      await expectRejection(writing, 'PreconditionFailed')
      expect(await readText(driver, path)).toBe('old')
    },
  ),
  rule(
    'write only where nothing is: if-none-match with *',
    { needs: ['write'], unless: ignoresIfMatch },
    async (driver, stage) => {
      const path = stage.freshPath()
      const conditions = { ifNoneMatch: ['*'] }
      await writeBytes(driver, path, 'first', { conditions })
      await expectRejection(writeBytes(driver, path, 'second', { conditions }), 'PreconditionFailed')
      expect(await readText(driver, path)).toBe('first')
    },
  ),
  rule(
    'write to a directory rejects with IsADirectory',
    { needs: ['write'], unless: impliedDirectories },
    async (driver, stage) => {
      const path = stage.freshPath()
      await writeBytes(driver, joinPath(path, 'inside.txt'), 'x')
      await expectRejection(writeBytes(driver, path, 'x'), 'IsADirectory')
      await expectRejection(writeBytes(driver, root, 'x'), 'IsADirectory', 'InvalidArgument')
      expect(await listNames(driver, path)).toEqual(['inside.txt'])
    },
  ),
  rule(
    'write below a file rejects with NotADirectory',
    { needs: ['write'], unless: impliedDirectories },
    async (driver, stage) => {
      const path = stage.freshPath()
      await writeBytes(driver, path, 'x')
      await expectRejection(writeBytes(driver, joinPath(path, 'below.txt'), 'x'), 'NotADirectory')
      expect(await readText(driver, path)).toBe('x')
    },
  ),
  rule(
    'setModified changes the time and keeps the bytes',
    { needs: ['write', 'setModified'], unless: keepsNoTime },
    async (driver, stage) => {
      const path = stage.freshPath()
      await writeBytes(driver, path, 'bytes')
      const entry = await driver.setModified(path, { modified: timeOfWriting })
      expectTime(entry.modified, driver.traits.modifiedPrecision)
      expectTime((await driver.stat(path)).modified, driver.traits.modifiedPrecision)
      expect(await readText(driver, path)).toBe('bytes')
    },
  ),
  rule(
    'revisions tells the kept versions, newest first, and each can be read',
    { needs: ['write', 'revisions'] },
    async (driver, stage) => {
      const path = stage.freshPath()
      await writeBytes(driver, path, 'first')
      await writeBytes(driver, path, 'second')
      const kept = await allPages((options) => driver.revisions(path, options))
      const texts: string[] = []
      for (const { version } of kept) texts.push(await readText(driver, path, { version }))
      expect(texts.slice(0, 2)).toEqual(['second', 'first'])
      expect(new Set(kept.map(({ version }) => version)).size).toBe(kept.length)
    },
  ),
  rule('about tells bytes, none of them negative', { needs: ['about'] }, async (driver) => {
    const known = Object.values(await driver.about(root)).filter((bytes) => bytes !== undefined)
    expect(known.filter((bytes) => bytes < 0)).toEqual([])
  }),
]

/** That a time came back as exactly as the storage keeps times. */
function expectTime(modified: number | undefined, precision = 1): void {
  expect(Math.abs((modified ?? 0) - timeOfWriting)).toBeLessThan(Math.max(precision, 1))
}
