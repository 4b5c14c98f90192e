import { setImmediate } from 'node:timers/promises'
import { type StoragePath, throwIfAborted } from '@filegate/core'
import { type Compare, type CompareParts, createCompare, type Differences, noDifferences } from './compare.ts'
import { type Evidence, mostEvidence, movesAmong } from './moves.ts'
import type { MovesElsewhere } from './moves-elsewhere.ts'
import type { Observation } from './observation.ts'
import type { Recorder } from './recorder.ts'
import { foundAt } from './snapshot.ts'

export interface SurveyParts extends CompareParts {
  readonly recorder: Recorder
  readonly movesElsewhere: MovesElsewhere
}

export interface SurveyOptions {
  /** Absent for what a request of ours did. */
  readonly reason?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Called once, before the first difference is entered. */
  readonly beforeFirst?: (() => Promise<void>) | undefined
}

/** Finds out what is different on disk from what is known, and enters it. */
export interface Survey {
  /** A folder with everything below it. */
  tree(folder: StoragePath, options: SurveyOptions): Promise<void>
  /** These paths, with everything below a folder that is new. */
  paths(paths: Iterable<StoragePath>, options: SurveyOptions): Promise<void>
}

/** Differences that are held in memory to find out what was moved. */
const mostTogether = 20_000
/** Files that are looked at together: each may keep this thread for a millisecond. */
const parallel = 8

interface Surveying extends SurveyParts {
  readonly compare: Compare
}

export function createSurvey(parts: SurveyParts): Survey {
  const surveying: Surveying = { ...parts, compare: createCompare(parts) }
  return {
    tree: (folder, options) => surveyTree(surveying, folder, options),
    async paths(paths, options) {
      const { compare, isExcluded, recorder } = surveying
      const differences = noDifferences()
      for (const path of paths) {
        if (path === '' || isExcluded(path) || recorder.hasLately(path)) continue
        if (await compare.path(path, differences)) await compareBelow(surveying, path, differences, options)
      }
      await enterDifferences(surveying, differences, options)
    },
  }
}

async function surveyTree(surveying: Surveying, folder: StoragePath, options: SurveyOptions): Promise<void> {
  const { compare, isExcluded } = surveying
  if (isExcluded(folder)) return
  const differences = noDifferences()
  if (folder !== '') await compare.path(folder, differences)
  await compareBelow(surveying, folder, differences, options)
  await enterDifferences(surveying, differences, options)
}

async function compareBelow(
  surveying: Surveying,
  folder: StoragePath,
  differences: Differences,
  options: SurveyOptions,
): Promise<void> {
  const { departed, arrived, changed } = differences
  await surveying.compare.below(folder, differences, async () => {
    throwIfAborted(options.signal)
    const count = departed.size + arrived.size + changed.size
    if (count > mostTogether) await enterDifferences(surveying, differences, options)
  })
}

/** Enters what has gathered, and empties it. */
async function enterDifferences(
  surveying: Surveying,
  differences: Differences,
  { reason, signal, beforeFirst }: SurveyOptions,
): Promise<void> {
  const { local, recorder, movesElsewhere } = surveying
  const { underWay } = recorder
  const { departed, arrived, changed } = differences
  if (departed.size + arrived.size + changed.size === 0) return
  await beforeFirst?.()
  await underWay.at([...departed.keys(), ...arrived.keys()])
  await movesElsewhere.over([...departed.keys(), ...arrived.keys(), ...changed])
  const moves = await movesAmong(differences, evidenceOf(surveying))
  for (const { from, to } of moves) {
    await recorder.moved(from, to, reason)
    departed.delete(from)
    arrived.delete(to)
  }
  for (let way = underWay.at(departed.keys()); way; way = underWay.at(departed.keys())) await way
  const at = Date.now()
  const gone = [...departed.keys()].filter((path) => !foundAt(local, path))
  await recorder.enter(gone.map((path): Observation => ({ path, at, reason })))
  const looks = [...arrived.keys(), ...changed]
  for (let first = 0; first < looks.length; first += parallel) {
    throwIfAborted(signal)
    await Promise.all(looks.slice(first, first + parallel).map((path) => recorder.look({ path, reason })))
    await setImmediate()
  }
  departed.clear()
  arrived.clear()
  changed.clear()
  // What else happened in a folder that was moved is seen at its new place.
  for (const { to, isFolder } of moves) if (isFolder) await surveyTree(surveying, to, { reason, signal })
}

function evidenceOf({ local, store }: Surveying): Evidence {
  return {
    foundAt: (path) => foundAt(local, path),
    childrenOf: (folder) =>
      store.reading
        .selectFrom('journal_place')
        .selectAll()
        .where('parent', '=', folder)
        .where('kind', '!=', 'gone')
        .limit(mostEvidence)
        .execute(),
  }
}
