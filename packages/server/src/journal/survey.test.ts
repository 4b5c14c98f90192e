import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isWithin, localAccessOf, parsePath, type StoragePath } from '@filegate/core'
import { openLocalDriver } from '@filegate/driver-local'
import { expect, it, onTestFinished } from 'vitest'
import { openJournalTables } from './journal-tables.ts'
import { noMovesElsewhere } from './moves-elsewhere.ts'
import { createMovesUnderWay } from './moves-under-way.ts'
import { newPlace } from './place.ts'
import { foundAt } from './snapshot.ts'
import { createSurvey } from './survey.ts'
import { writePlaces } from './write-rows.ts'

/** A survey of a folder. What a large change did to `told` is told when `tell` is called. */
async function surveyBeside(told: StoragePath) {
  const place = mkdtempSync(join(tmpdir(), 'filegate-survey-'))
  const folder = join(place, 'served')
  mkdirSync(folder)
  const driver = openLocalDriver({ root: folder, followsSymlinks: false })
  const local = localAccessOf(driver)
  if (!local) throw new Error('a local driver has local access')
  const tables = await openJournalTables({ directory: join(place, 'data') })
  onTestFinished(async () => {
    await tables.close()
    await driver.close()
    rmSync(place, { recursive: true })
  })
  const entered: string[] = []
  const telling = Promise.withResolvers<void>()
  let isTold = false
  const unfinished = async (paths: readonly StoragePath[]): Promise<readonly StoragePath[]> =>
    isTold ? [] : paths.filter((path) => isWithin(path, told))
  const survey = createSurvey({
    storage: driver,
    local,
    isExcluded: () => false,
    movesElsewhere: noMovesElsewhere,
    recorder: {
      underWay: createMovesUnderWay(),
      hasLately: () => false,
      look: async ({ path }) => void entered.push(`${path} is new`),
      enter: async (changes) =>
        void entered.push(...changes.map((change) => `${'path' in change && change.path} is gone`)),
      moved: async (from, to) => void entered.push(`${from} is ${to} now`),
    },
    store: {
      reading: tables.reading,
      unfinished,
      finished: async (paths) => ((await unfinished(paths)).length > 0 ? telling.promise : undefined),
    },
  })
  const tell = (): void => {
    isTold = true
    telling.resolve()
  }
  /** Something that stands there, as the journal knows it. */
  const know = async (path: StoragePath): Promise<void> => {
    const found = foundAt(local, path)
    if (!found) throw new Error(`nothing stands at ${path}`)
    await tables.database.transaction().execute((all) => writePlaces(all, [{ ...newPlace(path), ...found }]))
  }
  return { folder, survey, entered, know, tell }
}

const [beside, large, inside] = [parsePath('beside'), parsePath('large'), parsePath('large/new')]

it('what a large change is still being told of is looked at later, and all else now', async () => {
  const { folder, survey, entered, tell } = await surveyBeside(large)
  mkdirSync(join(folder, large))
  for (const path of [beside, inside]) writeFileSync(join(folder, path), '')
  const later = await survey.paths([inside, beside], {})
  expect(entered).toEqual(['beside is new'])
  const end = later?.()
  tell()
  await end
  expect(entered).toEqual(['beside is new', 'large/new is new'])
})

it('what was moved to where a large change is still being told of is not gone', async () => {
  const { folder, survey, entered, know, tell } = await surveyBeside(large)
  mkdirSync(join(folder, large))
  const other = parsePath('other')
  for (const path of [beside, other]) {
    writeFileSync(join(folder, path), path)
    await know(path)
  }
  renameSync(join(folder, beside), join(folder, inside))
  rmSync(join(folder, other))
  const later = await survey.paths([beside, inside, other], {})
  expect(entered).toEqual(['other is gone'])
  const end = later?.()
  tell()
  await end
  expect(entered).toEqual(['other is gone', 'beside is large/new now'])
})
