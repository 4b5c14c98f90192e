import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isWithin, localAccessOf, parsePath, type StoragePath } from '@filegate/core'
import { openLocalDriver } from '@filegate/driver-local'
import { expect, it, onTestFinished } from 'vitest'
import { openJournalTables } from './journal-tables.ts'
import { noMovesElsewhere } from './moves-elsewhere.ts'
import { createMovesUnderWay } from './moves-under-way.ts'
import { createSurvey } from './survey.ts'

const unexpected = (): Promise<never> => Promise.reject(new Error('Nothing is gone here.'))

/** A survey of a folder with nothing known of it. What a large change did to `told` is told when `tell` is called. */
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
  const looked: StoragePath[] = []
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
      look: async ({ path }) => void looked.push(path),
      enter: unexpected,
      moved: unexpected,
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
  return { folder, survey, looked, tell }
}

it('what a large change is still being told of is looked at later, and all else now', async () => {
  const [early, late] = [parsePath('beside'), parsePath('large/new')]
  const { folder, survey, looked, tell } = await surveyBeside(parsePath('large'))
  mkdirSync(join(folder, 'large'))
  for (const path of [early, late]) writeFileSync(join(folder, path), '')
  const later = await survey.paths([late, early], {})
  expect(looked).toEqual([early])
  const end = later?.()
  tell()
  await end
  expect(looked).toEqual([early, late])
})
