import {
  abortedBy,
  circleGuard,
  type Entry,
  parentPath,
  type StorageDriver,
  StorageError,
  type StoragePath,
} from '@filegate/core'
import { setImmediate } from 'node:timers/promises'
import { storedInherited } from './inherited-level.ts'
import { ruleNames, storedRuleTexts } from './rule-texts.ts'
import { createTreeRules, type TreeRules } from './tree-rules.ts'
import { depthBelow, type TreeWalk, type TreeWalkOptions } from './tree-walk.ts'

type Walk = NonNullable<StorageDriver['walk']>

/** Entries that are held until it is known which rules there are. Larger trees are walked listing by listing. */
const mostHeld = 50_000
const entriesInBatch = 1000
const readsTogether = 8

/**
 * Walks a storage that can say all that is below a directory, which on object storage takes one request for a thousand
 * entries instead of one for each directory. Undefined where that does not pay: the storage cannot, only the first levels
 * are of interest, or there is too much that has to be held.
 */
export async function walkFlatTree(
  storage: StorageDriver,
  top: StoragePath,
  options: TreeWalkOptions,
): Promise<TreeWalk | undefined> {
  const { limits, signal, isDeep = true } = options
  const walk = storage.walk?.bind(storage)
  if (!walk || !isDeep || limits.maxDepth <= 2) return undefined
  if (limits.noIgnore)
    return admitted(pagesOf(walk, top, signal), top, createTreeRules(top, limits, undefined), options)
  const held = await holdAll(walk, top, signal)
  if (!held) return undefined
  const rules = createTreeRules(top, limits, await storedInherited(storage, top, signal))
  await learnAll(storage, held, rules, signal)
  return admitted(batchesOf(held, signal), top, rules, options)
}

async function* pagesOf(
  walk: Walk,
  path: StoragePath,
  signal: AbortSignal,
): AsyncGenerator<readonly Entry[], void, undefined> {
  const guard = circleGuard()
  let cursor: string | undefined
  do {
    const page = await walk(path, { cursor, signal })
    if (signal.aborted) throw abortedBy(signal)
    yield page.items
    ;({ cursor } = page)
    if (cursor !== undefined) guard(cursor)
  } while (cursor !== undefined)
}

async function holdAll(walk: Walk, top: StoragePath, signal: AbortSignal): Promise<readonly Entry[] | undefined> {
  const held: Entry[] = []
  try {
    for await (const entries of pagesOf(walk, top, signal)) {
      if (held.length + entries.length > mostHeld) return undefined
      for (const entry of entries) held.push(entry)
    }
  } catch (error) {
    if (StorageError.is(error, 'Unsupported')) return undefined
    throw error
  }
  return held
}

async function* batchesOf(
  entries: readonly Entry[],
  signal: AbortSignal,
): AsyncGenerator<readonly Entry[], void, undefined> {
  for (let start = 0; start < entries.length; start += entriesInBatch) {
    if (signal.aborted) throw abortedBy(signal)
    yield entries.slice(start, start + entriesInBatch)
    await setImmediate()
  }
}

/** Reads the files with rules, those that are nearer to the top first. */
async function learnAll(
  storage: StorageDriver,
  entries: readonly Entry[],
  rules: TreeRules,
  signal: AbortSignal,
): Promise<void> {
  const found = new Map<StoragePath, Set<string>>()
  for (const { path, name } of entries) {
    if (!ruleNames.has(name)) continue
    const directory = parentPath(path)
    found.set(directory, (found.get(directory) ?? new Set()).add(name))
  }
  const directories = [...found].sort(([one], [other]) => one.length - other.length)
  for (let start = 0; start < directories.length; start += readsTogether) {
    const some = directories.slice(start, start + readsTogether).map(async ([directory, names]) => ({
      directory,
      texts: await storedRuleTexts(storage, directory, signal, names),
    }))
    for (const { directory, texts } of await Promise.all(some)) rules.learn(directory, texts)
  }
}

/** Of what is below `top`, what a walk that goes from directory to directory would come to. */
async function* admitted(
  batches: AsyncIterable<readonly Entry[]>,
  top: StoragePath,
  rules: TreeRules,
  { limits, enter = () => true }: TreeWalkOptions,
): TreeWalk {
  const entered = new Map<StoragePath, boolean>([[top, true]])
  const enters = (directory: StoragePath): boolean => {
    const known = entered.get(directory)
    if (known !== undefined) return known
    const isEntered =
      enters(parentPath(directory)) &&
      depthBelow(top, directory) < limits.maxDepth &&
      rules.admits(directory, true) &&
      enter(directory)
    entered.set(directory, isEntered)
    return isEntered
  }
  for await (const batch of batches) {
    const entries = batch.filter(
      ({ path, kind, symlinkTarget }) =>
        symlinkTarget === undefined && enters(parentPath(path)) && rules.admits(path, kind === 'directory'),
    )
    if (entries.length > 0) yield entries
  }
}
