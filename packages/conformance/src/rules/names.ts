import { joinPath } from '@filegate/core'
import { expect } from 'vitest'
import { expectRejection, listNames, readText, writeBytes } from '../ask.ts'
import { type AwkwardName, awkwardNames, paths } from '../gallery.ts'
import { type Rule, rule } from '../rule.ts'

export const nameRuleTitle = ({ label }: Pick<AwkwardName, 'label'>): string => `a name with ${label} stays as it is`

const upperCased = joinPath(paths.files, 'MIXEDCASE.TXT')

export const nameRules: readonly Rule[] = [
  ...awkwardNames.map((awkward) =>
    rule(nameRuleTitle(awkward), {}, async (driver) => {
      const { name } = awkward
      const file = joinPath(paths.names, name)
      expect(await driver.stat(file)).toMatchObject({ kind: 'file', name, path: file })
      expect(await readText(driver, file)).toBe(file)
      const folder = joinPath(paths.folders, name)
      expect(await driver.stat(folder)).toMatchObject({ kind: 'directory', name, path: folder })
      expect(await listNames(driver, folder)).toEqual(['inside.txt'])
      expect(await readText(driver, joinPath(folder, 'inside.txt'))).toBe(`${folder}/inside.txt`)
    }),
  ),
  rule('a listing shows every awkward name as it is', {}, async (driver, { names }) => {
    const expected = names.map(({ name }) => name).sort()
    expect(await listNames(driver, paths.names)).toEqual(expected)
    expect(await listNames(driver, paths.folders)).toEqual(expected)
  }),
  rule('every awkward name can be written, read and removed', { needs: ['write', 'remove'] }, async (driver, stage) => {
    const directory = stage.freshPath()
    const names = stage.names.map(({ name }) => name).sort()
    for (const name of names) await writeBytes(driver, joinPath(directory, name), name)
    expect(await listNames(driver, directory)).toEqual(names)
    for (const name of names) expect(await readText(driver, joinPath(directory, name))).toBe(name)
    for (const [place, name] of names.entries()) {
      await driver.remove(joinPath(directory, name))
      if (place < names.length - 1) expect(await listNames(driver, directory)).toEqual(names.slice(place + 1))
    }
  }),
  rule(
    'a name in another case is another name',
    { unless: ({ driver }) => (driver.traits.caseSensitive ? undefined : 'the storage ignores case') },
    async (driver) => {
      await expectRejection(driver.stat(upperCased), 'NotFound')
      await expectRejection(driver.read(upperCased), 'NotFound')
    },
  ),
  rule(
    'a name in another case is the same name',
    { unless: ({ driver }) => (driver.traits.caseSensitive ? 'the storage tells case apart' : undefined) },
    async (driver) => {
      expect(await driver.stat(upperCased)).toMatchObject({ kind: 'file' })
      expect(await readText(driver, upperCased)).toBe(paths.mixedCase)
    },
  ),
  rule('a missing name that is a prefix of another is not found', {}, async (driver) => {
    await expectRejection(driver.stat(joinPath(paths.files, 'hello')), 'NotFound')
    await expectRejection(driver.stat(joinPath(paths.nested, 'on')), 'NotFound')
  }),
]
