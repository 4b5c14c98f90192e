import { setImmediate } from 'node:timers/promises'
import { type StoragePath, throwIfAborted } from '@filegate/core'
import type { Compare, CompareParts, Differences } from './compare.ts'
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

/** Files that are looked at together: each may keep this thread for a millisecond. */
const parallel = 8
/** Departures that are entered in one transaction, and paths that are compared before others get their turn on this thread. */
export const inOneGo = 100

export interface Surveying extends SurveyParts {
  readonly compare: Compare
}

/** Enters what has gathered, and empties it. Gives the folders that were moved. */
export async function enterDifferences(
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
export async function enterMoves(
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

export async function enterDepartures(
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

export async function lookAt(
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
