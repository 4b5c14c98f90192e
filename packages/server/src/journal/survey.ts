import { setImmediate } from 'node:timers/promises'
import { type Entry, StorageError, type StoragePath, throwIfAborted } from '@filegate/core'
import { type CompareParts, createCompare, type Differences, noDifferences } from './compare.ts'
import { movesAmong } from './moves.ts'
import type { Observation } from './observation.ts'
import type { Recorder } from './recorder.ts'

export interface SurveyParts extends CompareParts {
  readonly recorder: Recorder
}

export interface SurveyOptions {
  readonly reason: string
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
/** Files that are looked at together. */
const parallel = 32

export function createSurvey(parts: SurveyParts): Survey {
  const { local, store, recorder, isExcluded } = parts
  const compare = createCompare(parts)

  function entryAt(path: StoragePath): Entry | undefined {
    try {
      return local.stat(path)
    } catch (error) {
      if (StorageError.is(error)) return undefined
      throw error
    }
  }

  const evidence = {
    entryAt,
    childrenOf: (folder: StoragePath) =>
      store.reading
        .selectFrom('journal_place')
        .selectAll()
        .where('parent', '=', folder)
        .where('kind', '!=', 'gone')
        .limit(50)
        .execute(),
  }

  /** Enters what has gathered, and empties it. */
  async function enter(differences: Differences, { reason, signal, beforeFirst }: SurveyOptions): Promise<void> {
    const { departed, arrived, changed } = differences
    if (departed.size + arrived.size + changed.size === 0) return
    await beforeFirst?.()
    const moves = await movesAmong(differences, evidence)
    for (const { from, to } of moves) {
      await recorder.moved(from, to, reason)
      departed.delete(from)
      arrived.delete(to)
    }
    const at = Date.now()
    const isGone = (path: StoragePath): boolean => entryAt(path) === undefined
    const gone = [...departed.keys()].filter(isGone).map((path): Observation => ({ path, at, reason }))
    await recorder.enter(gone)
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
    for (const { to, isFolder } of moves) if (isFolder) await tree(to, { reason, signal })
  }

  async function below(folder: StoragePath, differences: Differences, options: SurveyOptions): Promise<void> {
    await compare.below(folder, differences, async () => {
      throwIfAborted(options.signal)
      const { departed, arrived, changed } = differences
      if (departed.size + arrived.size + changed.size > mostTogether) await enter(differences, options)
    })
  }

  async function tree(folder: StoragePath, options: SurveyOptions): Promise<void> {
    const differences = noDifferences()
    if (folder !== '' && !isExcluded(folder)) await compare.path(folder, differences)
    if (!isExcluded(folder)) await below(folder, differences, options)
    await enter(differences, options)
  }

  return {
    tree,
    async paths(paths, options) {
      const differences = noDifferences()
      for (const path of paths) {
        if (path === '' || isExcluded(path)) continue
        if (await compare.path(path, differences)) await below(path, differences, options)
      }
      await enter(differences, options)
    },
  }
}
