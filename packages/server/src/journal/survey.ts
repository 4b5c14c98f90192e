import { setImmediate } from 'node:timers/promises'
import { type StoragePath, throwIfAborted } from '@filegate/core'
import { byCrowd } from './by-crowd.ts'
import { createCompare, type Differences, noDifferences } from './compare.ts'
import {
  enterDepartures,
  enterDifferences,
  enterMoves,
  inOneGo,
  lookAt,
  type Surveying,
  type SurveyOptions,
  type SurveyParts,
} from './enter-differences.ts'
import { foundAt } from './snapshot.ts'

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
/** Files that are looked at before everything that takes longer. */
const mostAtOnce = 200

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
  const differences = await compareEach(surveying, free)
  for (const path of await movedTo(surveying, differences, ahead)) {
    differences.departed.delete(path)
    ahead.add(path)
  }
  const rest = await enterSoon(surveying, differences, options)
  if (ahead.size === 0) return rest
  return async () => {
    await rest?.()
    await store.finished([...ahead])
    await (await surveyPaths(surveying, [...ahead], options))?.()
  }
}

async function compareEach(
  { compare, isExcluded, recorder }: Surveying,
  paths: readonly StoragePath[],
): Promise<Differences> {
  const differences = noDifferences()
  let count = 0
  for (const path of paths) {
    if (path === '' || isExcluded(path) || recorder.hasLately(path)) continue
    await compare.path(path, differences)
    count += 1
    if (count % inOneGo === 0) await setImmediate()
  }
  return differences
}

/** What is gone, and stands now at one of the paths of which nothing can be told yet. */
async function movedTo(
  { local }: Surveying,
  { departed }: Differences,
  ahead: ReadonlySet<StoragePath>,
): Promise<StoragePath[]> {
  const inodes = new Map([...departed].flatMap(([path, { inode }]) => (inode === null ? [] : [[inode, path] as const])))
  if (inodes.size === 0) return []
  const moved: StoragePath[] = []
  let count = 0
  for (const path of ahead) {
    const from = inodes.get(foundAt(local, path)?.inode ?? '')
    if (from !== undefined) moved.push(from)
    count += 1
    if (count % inOneGo === 0) await setImmediate()
  }
  return moved
}

async function enterSoon(
  surveying: Surveying,
  differences: Differences,
  options: SurveyOptions,
): Promise<Later | undefined> {
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
