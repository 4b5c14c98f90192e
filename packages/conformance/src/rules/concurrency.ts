import { joinPath, type StorageDriver } from '@filegate/core'
import { expect } from 'vitest'
import { drain, expectRejection, listNames, readBytes, readText, writeBytes } from '../ask.ts'
import { largest, paths, sampleBytes, sizedPath } from '../gallery.ts'
import { type Rule, rule } from '../rule.ts'
import { expectNothingOpen } from './abort.ts'

const readers = 50

export const concurrencyRules: readonly Rule[] = [
  rule('50 files can be read at once while half of them are aborted', {}, async (driver, stage) => {
    const whole = sampleBytes(largest)
    const outcomes = Array.from({ length: readers }, async (_, place) =>
      place % 2 === 0 ? readAndAbort(driver) : Buffer.compare(await readBytes(driver, sizedPath(largest)), whole),
    )
    expect(await Promise.all(outcomes)).toEqual(Array.from({ length: readers }, () => 0))
    await expectNothingOpen(stage)
  }),
  rule('many reads of one small file give the same bytes', {}, async (driver) => {
    const texts = await Promise.all(Array.from({ length: readers }, () => readText(driver, paths.hello)))
    expect(new Set(texts).size).toBe(1)
  }),
  rule('listings at the same time do not disturb each other', {}, async (driver) => {
    const [crowd, nested, again] = await Promise.all([
      listNames(driver, paths.crowd),
      listNames(driver, paths.nested),
      listNames(driver, paths.crowd),
    ])
    expect(again).toEqual(crowd)
    expect(nested).toHaveLength(5)
  }),
  rule(
    'files written at the same time into one new directory all arrive',
    { needs: ['write'] },
    async (driver, stage) => {
      const directory = stage.freshPath()
      const names = Array.from({ length: 12 }, (_, place) => `file-${place + 10}`)
      await Promise.all(names.map((name) => writeBytes(driver, joinPath(directory, name), name)))
      expect(await listNames(driver, directory)).toEqual(names)
      for (const name of names) expect(await readText(driver, joinPath(directory, name))).toBe(name)
    },
  ),
  rule('of writes to one file at the same time, one wins whole', { needs: ['write'] }, async (driver, stage) => {
    const path = stage.freshPath()
    const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000))
    await Promise.all(contents.map((content) => writeBytes(driver, path, content)))
    expect(contents).toContain(await readText(driver, path))
  }),
]

async function readAndAbort(driver: StorageDriver): Promise<0> {
  const controller = new AbortController()
  const { body } = await driver.read(sizedPath(largest), { signal: controller.signal })
  const reader = body.getReader()
  await reader.read()
  controller.abort()
  await expectRejection(drain(reader), 'Aborted')
  return 0
}
