import { type Log, type StoragePath, toStorageError } from '@filegate/core'
import { type Batcher, createBatcher } from './batcher.ts'
import type { StoredCommit } from './commit.ts'
import type { Connection } from './connection.ts'
import { classify } from './errors.ts'
import { finishBatch } from './finish-batch.ts'
import type { FileMetadata } from './metadata.ts'
import type { DropboxOptions } from './options.ts'

/** How uploads become files. */
export interface Committer {
  /** Absent: each is finished alone. */
  readonly batcher?: Batcher<StoredCommit, FileMetadata> | undefined
  /** Whether writers go on before their file is there. */
  readonly isAsync: boolean
  /** Finishes what waits of a path, above or below it, before something else is done there. */
  settle(path: StoragePath): Promise<void>
  /** Finishes all that waits. */
  close(): Promise<void>
}

/** What is meant by 0: items, and milliseconds. */
const usual = {
  sync: { size: 'under-way', idle: 500 },
  async: { size: 100, idle: 10_000 },
} as const

/** Batches whose writers have gone on. More than that, and writers wait: nothing grows without end while the vendor is slow. */
const mostUnfinished = 8

export function createCommitter(
  { batch_mode: mode, batch_size: size, batch_timeout: seconds }: DropboxOptions,
  connection: Pick<Connection, 'vendor' | 'clock'>,
): Committer {
  if (mode === 'off') return { isAsync: false, settle: async () => {}, close: async () => {} }
  const batcher = createBatcher<StoredCommit, FileMetadata>({
    size: size || usual[mode].size,
    idle: seconds * 1000 || usual[mode].idle,
    mostSettling: mode === 'async' ? mostUnfinished : undefined,
    keyOf: ({ path }) => keyOf(path),
    settle: (commits) => finishBatch(connection, commits),
  })
  return {
    batcher,
    isAsync: mode === 'async',
    async settle(path) {
      if (mode === 'sync') return
      const own = keyOf(path)
      await batcher.flush((key) => `${key}/`.startsWith(`${own}/`) || `${own}/`.startsWith(`${key}/`))
    },
    close: () => batcher.flush(),
  }
}

/** Of the paths of the storage, which may be others than those of the vendor; the root is empty. */
const keyOf = (path: StoragePath): string => (path === '' ? '' : `/${path.toLowerCase()}`)

/** Nobody waits for what becomes of a file any more, so an operator is told. */
export async function reportFailure(log: Log, path: StoragePath, settled: Promise<unknown>): Promise<void> {
  try {
    await settled
  } catch (error) {
    const { message } = toStorageError(error, { provider: 'dropbox', operation: 'write', path }, classify)
    log.warn(`/${path} was uploaded to Dropbox, but could not be finished.`, { path, error: message })
  }
}
