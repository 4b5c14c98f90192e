import { type ChangesSince, type DriverWith, isWithin, joinPath, type StoragePath } from '@filegate/core'
import { expect } from 'vitest'
import { setTimeout as wait } from 'node:timers/promises'
import { writeBytes } from '../ask.ts'
import { rule } from '../rule.ts'

/** Questions until a change has to be told of, and milliseconds between two: some vendors tell a little later. */
const patience = { questions: 60, between: 250 }

type Feed = DriverWith<'changes'>

/** Goes on from a cursor until the change at `path` is told of. @returns the cursor after it */
async function untilTold(driver: Feed, from: string, path: StoragePath): Promise<string> {
  let cursor = from
  for (let question = 0; question < patience.questions; question++) {
    if (question > 0) await wait(patience.between)
    const found = await driver.changes(cursor)
    cursor = found.cursor
    if (isToldOf(found, path, driver.traits.caseSensitive)) return cursor
  }
  throw new Error(`The change of /${path} was never told of.`)
}

/** What holds a path stands for it. */
function isToldOf({ paths }: ChangesSince, path: StoragePath, caseSensitive: boolean): boolean {
  const folded = (text: StoragePath): string => (caseSensitive ? text : text.toLowerCase())
  return (
    paths === 'all' || paths.some((told) => isWithin(path, told) || `${folded(path)}/`.startsWith(`${folded(told)}/`))
  )
}

async function begin(driver: Feed): Promise<string> {
  const { cursor, paths } = await driver.changes(undefined)
  expect(paths).toEqual([])
  return cursor
}

export const changesRules = [
  rule('changes without a cursor tells where changes from now on begin', { needs: ['changes'] }, async (driver) => {
    expect(await begin(driver)).not.toBe('')
  }),
  rule(
    'changes since a cursor are told until they were, and from an older cursor again',
    { needs: ['changes', 'write', 'remove'] },
    async (driver, stage) => {
      const path = joinPath(stage.freshPath(), 'file.txt')
      const before = await begin(driver)
      await writeBytes(driver, path, 'one')
      const made = await untilTold(driver, before, path)
      await writeBytes(driver, path, 'two')
      const changed = await untilTold(driver, made, path)
      await driver.remove(path)
      await untilTold(driver, changed, path)
      await untilTold(driver, before, path)
    },
  ),
  rule(
    'changes tells of both places of what was moved, and of a directory that was',
    { needs: ['changes', 'write', 'move'] },
    async (driver, stage) => {
      const [directory, destination] = [stage.freshPath(), stage.freshPath()]
      const file = joinPath(directory, 'file.txt')
      await writeBytes(driver, file, 'text')
      const before = await begin(driver)
      await driver.move(file, { destination: joinPath(directory, 'other.txt') })
      await untilTold(driver, before, file)
      const moved = await untilTold(driver, before, joinPath(directory, 'other.txt'))
      await driver.move(directory, { destination })
      await untilTold(driver, moved, directory)
      await untilTold(driver, moved, destination)
    },
  ),
]
