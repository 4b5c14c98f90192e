import { siblingModule } from '@filegate/core'
import { createKnownFolders, type KnownFolders } from '@filegate/driver-local'
import type { GlobThreads } from './glob-crew.ts'
import { createGrepThreads, type GrepThreads } from './grep-threads.ts'
import { createSlots, type Slots } from './slots.ts'
import { createThreadPool } from './thread-pool.ts'

/** What all searches of a server share. */
export interface SearchServices {
  /** One search keeps every core busy, so only some run at the same time. */
  readonly greps: Slots
  readonly globs: Slots
  readonly grepThreads: GrepThreads
  readonly globThreads: GlobThreads
  readonly knownFolders: KnownFolders
  close(): Promise<void>
}

export function createSearchServices(): SearchServices {
  const grepThreads = createGrepThreads()
  const module = siblingModule(import.meta.url, './glob-thread')
  const globThreads: GlobThreads = createThreadPool(module, { most: 4, idleTime: 2000 })
  return {
    greps: createSlots({ running: 2, waiting: 8, longestWait: 10_000 }),
    globs: createSlots({ running: 4, waiting: 32, longestWait: 10_000 }),
    grepThreads,
    globThreads,
    knownFolders: createKnownFolders(),
    close: async () => void (await Promise.all([grepThreads.close(), globThreads.close()])),
  }
}
