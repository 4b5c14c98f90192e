import { createGrepThreads, type GrepThreads } from './grep-threads.ts'
import { createSlots, type Slots } from './slots.ts'

/** What all searches of a server share. */
export interface SearchServices {
  /** One search keeps every core busy, so only some run at the same time. */
  readonly greps: Slots
  readonly globs: Slots
  readonly threads: GrepThreads
  close(): Promise<void>
}

export function createSearchServices(): SearchServices {
  const threads = createGrepThreads()
  return {
    greps: createSlots({ running: 2, waiting: 8, longestWait: 10_000 }),
    globs: createSlots({ running: 4, waiting: 32, longestWait: 10_000 }),
    threads,
    close: () => threads.close(),
  }
}
