import { setImmediate } from 'node:timers/promises'
import { type StoragePath, throwIfAborted } from '@filegate/core'
import { type Compare, type CompareParts, createCompare, type Differences, noDifferences } from './compare.ts'
import { byCrowd } from './by-crowd.ts'
import type { JournalStore } from './journal-store.ts'
import { type Evidence, mostEvidence, mostHeld, movesAmong } from './moves.ts'
import type { MovesElsewhere } from './moves-elsewhere.ts'
import type { Observation } from './observation.ts'
import type { Recorder } from './recorder.ts'
import { foundAt } from './snapshot.ts'

export interface SurveyParts extends CompareParts {
  readonly store: Pick<JournalStore, 'reading' | 'finished' | 'unfinished'>
  readonly recorder: Pick<Recorder, 'look' | 'hasLately' | 'enter' | 'moved' | 'underWay'>
  readonly movesElsewhere: MovesElsewhere
}

export interface SurveyOptions {
  /** Absent for what a request of ours did. */
  readonly reason?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Called once, before the first difference is entered. */
  readonly beforeFirst?: (() => Promise<void>) | undefined
}

/** What takes longer, for whoever wants to do something else first. */
export type Later = () => Promise<void>

/** Finds out what is different on disk from what is known, and enters it. */
export interface Survey {
  /** A folder with everything below it. */
  tree(folder: StoragePath, options: SurveyOptions): Promise<void>
  /**
   * These paths. Later: very many files of a folder, everything below folders that are new or were moved, and what a large change
   * is still being told of.
   */
  paths(paths: readonly StoragePath[], options: SurveyOptions): Promise<Later | undefined>
}

/** Differences that are held in memory to find out what was moved. */
const mostTogether = 20_000
/** Files that are looked at together: each may keep this thread for a millisecond. */
const parallel = 8
/** Departures that are entered in one transaction, and paths that are compared before others get their turn on this thread. */
const inOneGo = 100
/** Files that are looked at before everything that takes longer. */
const mostAtOnce = 200

interface Surveying extends SurveyParts {
  readonly compare: Compare
}

export function createSurvey(parts: SurveyParts): Survey {
  const surveying: Surveying = { ...parts, compare: createCompare(parts) }
  return {
    tree: (folder, options) => surveyTree(surveying, folder, options),
    paths: (paths, options) => surveyPaths(surveying, paths, options),
  }
}

async function surveyTree(surveying: Surveying, folder: StoragePath, options: SurveyOptions): Promise<void> {
  const { compare, isExcluded, store } = surveying
  if (isExcluded(folder)) return
  await store.finished([folder])
  const differences = noDifferences()
  if (folder !== '') await compare.path(folder, differences)
  differences.unseen.delete(folder)
  const moved = await compareBelow(surveying, [folder], differences, options)
  moved.push(...(await enterDifferences(surveying, differences, options)))
  // What else happened in a folder that was moved is seen at its new place.
  for (const to of moved) await surveyTree(surveying, to, options)
}

async function surveyPaths(
  surveying: Surveying,
  paths: readonly StoragePath[],
  options: SurveyOptions,
): Promise<Later | undefined> {
  const { store } = surveying
  const ahead = new Set(await store.unfinished(paths))
  const free = paths.filter((path) => !ahead.has(path))
  const rest = await surveyFree(surveying, free, options)
  if (ahead.size === 0) return rest
  return async () => {
    await rest?.()
    await store.finished([...ahead])
    await (await surveyPaths(surveying, [...ahead], options))?.()
  }
}

/** Paths that are told of up to now. */
async function surveyFree(
  surveying: Surveying,
  paths: readonly StoragePath[],
  options: SurveyOptions,
): Promise<Later | undefined> {
  const { compare, isExcluded, recorder } = surveying
  const differences = noDifferences()
  let count = 0
  for (const path of paths) {
    if (path === '' || isExcluded(path) || recorder.hasLately(path)) continue
    await compare.path(path, differences)
    count += 1
    if (count % inOneGo === 0) await setImmediate()
  }
  const { arrived, changed, unseen } = differences
  const moved = await enterMoves(surveying, differences, options)
  // What is gone may have been moved to a folder that is still to be looked at.
  if (unseen.size === 0) await enterDepartures(surveying, differences, options)
  await lookAt(surveying, byCrowd([...arrived.keys(), ...changed]).slice(0, mostAtOnce), differences, options)
  if (arrived.size + changed.size + unseen.size + moved.length === 0) return undefined
  return async () => {
    const folders = [...unseen]
    unseen.clear()
    await surveying.store.finished(folders)
    moved.push(...(await compareBelow(surveying, folders, differences, options)))
    moved.push(...(await enterDifferences(surveying, differences, options)))
    for (const to of moved) await surveyTree(surveying, to, options)
  }
}

/** Folders that are new are looked into after all others: those that were moved are known by then. Gives these. */
async function compareBelow(
  surveying: Surveying,
  folders: readonly StoragePath[],
  differences: Differences,
  options: SurveyOptions,
): Promise<StoragePath[]> {
  const { departed, arrived, changed, unseen } = differences
  const moved: StoragePath[] = []
  for (let next = folders; next.length > 0; ) {
    for (const folder of next) {
      await surveying.compare.below(folder, differences, async () => {
        throwIfAborted(options.signal)
        const count = departed.size + arrived.size + changed.size
        if (count > mostTogether) moved.push(...(await enterDifferences(surveying, differences, options)))
      })
    }
    moved.push(...(await enterMoves(surveying, differences, options)))
    next = [...unseen]
    unseen.clear()
  }
  return moved
}

/** Enters what has gathered, and empties it. Gives the folders that were moved. */
async function enterDifferences(
  surveying: Surveying,
  differences: Differences,
  options: SurveyOptions,
): Promise<StoragePath[]> {
  const { arrived, changed } = differences
  const moved = await enterMoves(surveying, differences, options)
  await enterDepartures(surveying, differences, options)
  await lookAt(surveying, [...arrived.keys(), ...changed], differences, options)
  return moved
}

/** Enters what was moved, and gives the folders among it. They need not be looked into as new ones. */
async function enterMoves(
  surveying: Surveying,
  differences: Differences,
  { reason, beforeFirst }: SurveyOptions,
): Promise<StoragePath[]> {
  const { recorder, movesElsewhere, store } = surveying
  const { departed, arrived, changed, unseen } = differences
  if (departed.size + arrived.size + changed.size === 0) return []
  await beforeFirst?.()
  if (departed.size === 0) return []
  await recorder.underWay.at([...departed.keys(), ...arrived.keys()])
  await movesElsewhere.over([...departed.keys(), ...arrived.keys(), ...changed])
  const moves = await movesAmong(differences, evidenceOf(surveying))
  await store.finished(moves.flatMap(({ from, to, isFolder }) => (isFolder ? [from, to] : [])))
  for (const { from, to } of moves) {
    await recorder.moved(from, to, reason)
    departed.delete(from)
    arrived.delete(to)
  }
  const folders = moves.filter(({ isFolder }) => isFolder).map(({ to }) => to)
  for (const folder of folders) unseen.delete(folder)
  return folders
}

async function enterDepartures(
  { local, recorder, store, movesElsewhere }: Surveying,
  { departed }: Differences,
  { reason }: SurveyOptions,
): Promise<void> {
  if (departed.size === 0) return
  const { underWay } = recorder
  const folders = [...departed].flatMap(([path, { kind }]) => (kind === 'directory' ? [path] : []))
  if (folders.length > 0) await store.finished(folders)
  await movesElsewhere.over([...departed.keys()])
  const paths = [...departed.keys()]
  departed.clear()
  const at = Date.now()
  for (let first = 0; first < paths.length; first += inOneGo) {
    const some = paths.slice(first, first + inOneGo)
    for (let way = underWay.at(some); way; way = underWay.at(some)) await way
    const gone = some.filter((path) => !foundAt(local, path))
    await recorder.enter(gone.map((path): Observation => ({ path, at, reason })))
    await setImmediate()
  }
}

async function lookAt(
  { recorder }: Surveying,
  paths: readonly StoragePath[],
  { arrived, changed }: Differences,
  { reason, signal }: SurveyOptions,
): Promise<void> {
  const look = async (path: StoragePath): Promise<void> => {
    // What was there already differs in something that takes a look to tell.
    const isNews = arrived.delete(path)
    changed.delete(path)
    await recorder.look({ path, reason, isNews })
  }
  for (let first = 0; first < paths.length; first += parallel) {
    throwIfAborted(signal)
    await Promise.all(paths.slice(first, first + parallel).map(look))
    await setImmediate()
  }
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
    allBelow: (folder) =>
      store.reading
        .selectFrom('journal_place')
        .selectAll()
        .where('path', '>', `${folder}/`)
        .where('path', '<', `${folder}0`)
        .where('kind', '!=', 'gone')
        .limit(mostHeld)
        .execute(),
  }
}
