import { type LocalAccess, StorageError, type StoragePath } from '@filegate/core'
import type { WalkOptions } from '@filegate/driver-local'
import { everything } from '../access/scope.ts'
import { type BestEntries, createBestEntries, type EntryOrder } from './best-entries.ts'
import { parseGlob } from './glob-pattern.ts'
import { localInherited } from './inherited-level.ts'
import { walkLocalTree } from './local-tree-walk.ts'
import type { TreeLimits } from './tree-limits.ts'
import { createTreeRules, type RuleTexts } from './tree-rules.ts'
import { relativePath } from './tree-walk.ts'

/** A search for names in a tree of the local disk, as threads are told of it. */
export interface GlobPlan extends EntryOrder {
  readonly pattern: { readonly text: string; readonly hidden: boolean }
  /** Paths are matched relative to this directory. */
  readonly top: StoragePath
  /** Where the walk starts, at or below `top`. */
  readonly start: StoragePath
  /** Counted from `start`. */
  readonly limits: TreeLimits
  readonly maxResults: number
  readonly maxScanned: number
}

/** Files with rules that were found; whoever walks below that directory must know of them. */
export interface Learned {
  readonly directory: StoragePath
  readonly texts: RuleTexts
}

/** What one thread does of a search. */
export interface GlobPart {
  readonly best: BestEntries
  learn(learned: readonly Learned[]): void
  /** What was learned by walking since the last call. */
  takeLearned(): readonly Learned[]
  /** Walks some folders, or the whole tree. Answers false when it was stopped before it came to the end. */
  walk(options: Pick<WalkOptions, 'from' | 'handOver'> & { readonly signal: AbortSignal }): Promise<boolean>
}

/** How many entries were looked at, counted together by all threads of a search. */
export type ScanCount = Int32Array<SharedArrayBuffer>

export const newScanCount = (): ScanCount => new Int32Array(new SharedArrayBuffer(4))

export function createGlobPart(local: LocalAccess, plan: GlobPlan, scanned: ScanCount): GlobPart {
  const { top, start, limits, sort, maxResults, maxScanned } = plan
  const pattern = parseGlob(plan.pattern.text, plan.pattern.hidden)
  const best = createBestEntries(plan, maxResults)
  const treeRules = createTreeRules(start, limits, limits.noIgnore ? undefined : localInherited(local, start))
  let learned: Learned[] = []
  const rules: typeof treeRules = {
    ...treeRules,
    learn(directory, texts) {
      treeRules.learn(directory, texts)
      learned.push({ directory, texts })
    },
  }
  const matches = (path: StoragePath): boolean => pattern.matches(relativePath(top, path))
  // Ordered by name, only what is returned in the end has to be looked at more closely.
  const closely = (path: StoragePath, name: string): boolean => pattern.mayEndIn(name) && matches(path)
  const stat = sort === 'name' ? undefined : closely

  return {
    best,
    learn(found) {
      for (const { directory, texts } of found) treeRules.learn(directory, texts)
    },
    takeLearned() {
      const found = learned
      learned = []
      return found
    },
    async walk(options) {
      const enter = (path: StoragePath): boolean => pattern.leads(relativePath(top, path))
      const walk = walkLocalTree(local, everything, start, { ...options, limits, enter, stat, rules })
      try {
        for await (const entries of walk) {
          const before = Atomics.add(scanned, 0, entries.length)
          const allowed = Math.max(0, maxScanned - before)
          for (const entry of entries.length > allowed ? entries.slice(0, allowed) : entries) {
            // What matches was looked at closely by the walk.
            if (stat ? entry.modified !== undefined : closely(entry.path, entry.name)) best.add(entry)
          }
          if (entries.length > allowed) return false
        }
        return true
      } catch (error) {
        if (options.signal.aborted) return false
        // Since the walk was begun elsewhere, the start itself has gone.
        if (options.from && StorageError.is(error) && ['NotFound', 'NotADirectory'].includes(error.code)) return true
        throw error
      }
    },
  }
}
