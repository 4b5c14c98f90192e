import { type LocalAccess, siblingModule, type StoragePath } from '@filegate/core'
import { type PinnedFolder, pinFolder } from '@filegate/driver-local'
import { createThreadPool } from '../archive/thread-pool.ts'
import type { FolderJob, FolderResult } from './folder-worker.ts'
import { unpackRows } from './row-columns.ts'
import type { KeyedRow, Sorting } from './sort-rows.ts'

/** Reads folders of the local disk that are too large to be read between other requests. */
export interface LargeFolders {
  /**
   * The rows of a folder in runs that are each in order, and each directory with the number of its entries. Undefined
   * when the folder is small: reading it right here is then faster than asking threads to.
   */
  read(local: LocalAccess, { path, sorting, signal }: FolderRequest): Runs | undefined
  close(): Promise<void>
}

export interface FolderRequest {
  readonly path: StoragePath
  readonly sorting: Sorting
  readonly signal: AbortSignal
}

type Runs = AsyncGenerator<KeyedRow[], void, undefined>

/** The local driver reads folders up to this size in slices on the main thread. */
const small = 2000
/** Names in a job: few enough that unpacking its result is a matter of a millisecond or two. */
const jobSize = 5000
/** Megabytes. A row lives until its job is done, and moving it about meanwhile was a fifth of all the work. */
const heap = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 512 }
/** Counting stops here: more would take long, and nobody compares such numbers. */
const mostChildren = 1_000_000

export function createLargeFolders(): LargeFolders {
  const pool = createThreadPool<FolderJob, FolderResult>(siblingModule(import.meta.url, './folder-worker'), heap)

  async function namesIn(job: FolderJob, signal: AbortSignal): Promise<string[]> {
    const result = await pool.run(job, { signal })
    return 'names' in result && result.names !== '' ? result.names.split('\0') : []
  }

  async function rowsOf(job: FolderJob, signal: AbortSignal): Promise<KeyedRow[]> {
    const result = await pool.run(job, { signal })
    return 'rows' in result ? unpackRows(result.rows) : []
  }

  async function* readPinned({ task, close }: PinnedFolder, { sorting, signal }: FolderRequest): Runs {
    const job = { folder: task, sorting }
    // Jobs in flight: as many again as there are threads, so that none of them waits for us.
    const ahead: Promise<KeyedRow[]>[] = []
    try {
      const names = await namesIn(job, signal)
      const size = Math.min(jobSize, Math.ceil(names.length / pool.size))
      for (let start = 0; start < names.length || ahead.length > 0; ) {
        while (start < names.length && ahead.length < pool.size * 2) {
          const rows = rowsOf({ ...job, names: names.slice(start, start + size).join('\0') }, signal)
          // Awaited in its turn; until then a failure is no unhandled one.
          rows.catch(() => {})
          ahead.push(rows)
          start += size
        }
        yield (await ahead.shift()) ?? []
      }
    } finally {
      // The descriptor must outlive whoever reads through it: its number would soon mean another file.
      await Promise.allSettled(ahead)
      close()
    }
  }

  return {
    read(local, request) {
      const folder = pinFolder(local, request.path, mostChildren)
      if (!folder.isSmall(small)) return readPinned(folder, request)
      folder.close()
      return undefined
    },
    close: () => pool.close(),
  }
}
