import { createLineIndex, createLineIndexes, type LineIndex } from './line-index.ts'
import { createLineThreads, type LineThreads } from './lines-threads.ts'

/** What requests for lines share. */
export interface SharedLines {
  readonly threads: LineThreads
  /** What is known of the bytes of this identity; of bytes without one, nothing that lasts. */
  indexOf(identity: string | undefined, size: number | undefined): LineIndex
  /** Keeps what was learned since. */
  keep(identity: string | undefined, index: LineIndex): void
  close(): Promise<void>
}

export function createSharedLines(): SharedLines {
  const threads = createLineThreads()
  const indexes = createLineIndexes()
  return {
    threads,
    indexOf: (identity, size) => (identity !== undefined && indexes.get(identity)) || createLineIndex(size),
    keep(identity, index) {
      if (identity !== undefined) indexes.set(identity, index)
    },
    close: () => threads.close(),
  }
}
