import { type DriverWith, joinPath, parsePath, type StoragePath } from '@filegate/core'
import { expect } from 'vitest'
import { expectRejection, listNames, readText, writeBytes } from '../ask.ts'
import { paths } from '../gallery.ts'
import { impliedDirectories, type Rule, rule, type Stage } from '../rule.ts'

export const removeRules: readonly Rule[] = [
  rule('remove takes a file and nothing beside it', { needs: ['write', 'remove'] }, async (driver, stage) => {
    const directory = stage.freshPath()
    for (const name of ['file', 'file.txt', 'file2']) await writeBytes(driver, joinPath(directory, name), name)
    await driver.remove(joinPath(directory, 'file'))
    await expectRejection(driver.stat(joinPath(directory, 'file')), 'NotFound')
    expect(await listNames(driver, directory)).toEqual(['file.txt', 'file2'])
  }),
  rule(
    'remove takes a directory with all it holds and nothing beside it',
    { needs: ['write', 'remove'] },
    async (driver, stage) => {
      const directory = stage.freshPath()
      for (const name of ['dir/a', 'dir/b/c', 'dir-2/d', 'dirt'])
        await writeBytes(driver, parsePath(`${directory}/${name}`), name)
      await driver.remove(joinPath(directory, 'dir'))
      await expectRejection(driver.stat(joinPath(directory, 'dir')), 'NotFound')
      await expectRejection(driver.stat(parsePath(`${directory}/dir/b/c`)), 'NotFound')
      expect(await listNames(driver, directory)).toEqual(['dir-2', 'dirt'])
    },
  ),
  rule('remove takes an empty directory', { needs: ['makeDirectory', 'remove'] }, async (driver, stage) => {
    const directory = stage.freshPath()
    await driver.makeDirectory(directory)
    await driver.remove(directory)
    await expectRejection(driver.stat(directory), 'NotFound')
  }),
  rule('remove of a missing path rejects with NotFound', { needs: ['remove'] }, async (driver) => {
    await expectRejection(driver.remove(paths.missing), 'NotFound')
  }),
  rule(
    'a directory stays when the last file in it is removed',
    { needs: ['write', 'remove'], unless: impliedDirectories },
    async (driver, stage) => {
      const file = joinPath(stage.freshPath(), 'only.txt')
      await writeBytes(driver, file, 'x')
      await driver.remove(file)
      expect(await listNames(driver, parsePath(file.slice(0, file.lastIndexOf('/'))))).toEqual([])
    },
  ),
]

export const makeDirectoryRules: readonly Rule[] = [
  rule('makeDirectory makes a directory with missing parents', { needs: ['makeDirectory'] }, async (driver, stage) => {
    const top = stage.freshPath()
    const path = parsePath(`${top}/a/b`)
    expect(await driver.makeDirectory(path)).toMatchObject({ kind: 'directory', path, name: 'b' })
    expect(await driver.stat(path)).toMatchObject({ kind: 'directory', path })
    expect(await listNames(driver, path)).toEqual([])
    expect(await listNames(driver, top)).toEqual(['a'])
  }),
  rule(
    'makeDirectory of a directory that is there changes nothing',
    { needs: ['write', 'makeDirectory'] },
    async (driver, stage) => {
      const path = stage.freshPath()
      await writeBytes(driver, joinPath(path, 'inside.txt'), 'x')
      expect(await driver.makeDirectory(path)).toMatchObject({ kind: 'directory', path })
      expect(await listNames(driver, path)).toEqual(['inside.txt'])
    },
  ),
  rule(
    'makeDirectory where a file stands rejects with AlreadyExists',
    { needs: ['write', 'makeDirectory'] },
    async (driver, stage) => {
      const path = stage.freshPath()
      await writeBytes(driver, path, 'x')
      await expectRejection(driver.makeDirectory(path), 'AlreadyExists')
      expect(await readText(driver, path)).toBe('x')
    },
  ),
]

type Transfer = 'copy' | 'move'

/** What holds for copy and move alike. */
function transferRules(verb: Transfer): readonly Rule[] {
  const needs = ['write', verb] as const
  return [
    rule(`${verb} puts a file at its destination and makes missing parents`, { needs }, async (driver, stage) => {
      const source = stage.freshPath()
      const destination = joinPath(joinPath(stage.freshPath(), 'new'), 'place.txt')
      await writeBytes(driver, source, 'content')
      const entry = await driver[verb](source, { destination })
      expect(entry).toMatchObject({ kind: 'file', path: destination, name: 'place.txt' })
      expect(await readText(driver, destination)).toBe('content')
      await expectSource(verb, driver, source, 'content')
    }),
    rule(`${verb} takes a directory with all it holds`, { needs }, async (driver, stage) => {
      const source = stage.freshPath()
      const destination = stage.freshPath()
      for (const name of ['a.txt', 'b/c.txt']) await writeBytes(driver, parsePath(`${source}/${name}`), name)
      const entry = await driver[verb](source, { destination })
      expect(entry).toMatchObject({ kind: 'directory', path: destination })
      expect(await listNames(driver, destination)).toEqual(['a.txt', 'b'])
      expect(await readText(driver, parsePath(`${destination}/b/c.txt`))).toBe('b/c.txt')
      await expectSource(verb, driver, parsePath(`${source}/b/c.txt`), 'b/c.txt')
      if (verb === 'move') await expectRejection(driver.stat(source), 'NotFound')
    }),
    rule(
      `${verb} to where something is rejects with AlreadyExists and changes nothing`,
      { needs },
      async (driver, stage) => {
        const [source, destination] = await twoFiles(driver, stage)
        await expectRejection(driver[verb](source, { destination }), 'AlreadyExists')
        expect(await readText(driver, source)).toBe('source')
        expect(await readText(driver, destination)).toBe('destination')
      },
    ),
    rule(`${verb} replaces what is there when told to overwrite`, { needs }, async (driver, stage) => {
      const [source, destination] = await twoFiles(driver, stage)
      await driver[verb](source, { destination, overwrite: true })
      expect(await readText(driver, destination)).toBe('source')
      await expectSource(verb, driver, source, 'source')
    }),
    rule(`${verb} of a missing path rejects with NotFound`, { needs }, async (driver, stage) => {
      const destination = stage.freshPath()
      await expectRejection(driver[verb](paths.missing, { destination }), 'NotFound')
      await expectRejection(driver.stat(destination), 'NotFound')
    }),
    rule(`${verb} of a directory into itself is refused and changes nothing`, { needs }, async (driver, stage) => {
      const source = stage.freshPath()
      await writeBytes(driver, joinPath(source, 'a.txt'), 'a')
      await expectRejection(driver[verb](source, { destination: joinPath(source, 'b') }), 'InvalidArgument')
      expect(await listNames(driver, source)).toEqual(['a.txt'])
    }),
  ]
}

export const copyRules: readonly Rule[] = [
  ...transferRules('copy'),
  rule('a copy does not follow later changes of its source', { needs: ['write', 'copy'] }, async (driver, stage) => {
    const source = stage.freshPath()
    const destination = stage.freshPath()
    await writeBytes(driver, joinPath(source, 'a.txt'), 'before')
    await driver.copy(source, { destination })
    await writeBytes(driver, joinPath(source, 'a.txt'), 'after')
    await writeBytes(driver, joinPath(source, 'b.txt'), 'after')
    expect(await listNames(driver, destination)).toEqual(['a.txt'])
    expect(await readText(driver, joinPath(destination, 'a.txt'))).toBe('before')
  }),
]

export const moveRules = transferRules('move')

async function twoFiles(driver: DriverWith<'write'>, stage: Stage): Promise<[StoragePath, StoragePath]> {
  const [source, destination] = [stage.freshPath(), stage.freshPath()]
  await writeBytes(driver, source, 'source')
  await writeBytes(driver, destination, 'destination')
  return [source, destination]
}

async function expectSource(
  verb: Transfer,
  driver: DriverWith<'write'>,
  source: StoragePath,
  content: string,
): Promise<void> {
  if (verb === 'copy') expect(await readText(driver, source)).toBe(content)
  else await expectRejection(driver.stat(source), 'NotFound')
}
