import { availableParallelism } from 'node:os'
import { siblingModule } from '@filegate/core'
import { createLimit } from '../../digests/limit.ts'
import { createThreadPool } from '../thread-pool.ts'
import type { PackedFiles, PackJob, PackPool } from './pack-jobs.ts'

/** Megabytes. The heap of a thread holds little but its code; what it packs is outside of it. */
const heap = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 16 }
/** Of the four threads that Node has, unless it is told otherwise. */
const mostDeflating = 3

export function createPackPool(): PackPool {
  const threads = createThreadPool<PackJob, PackedFiles>(siblingModule(import.meta.url, './pack-worker'), heap)
  return {
    size: threads.size,
    run: (job, options) => threads.run(job, options),
    deflating: createLimit(Math.min(mostDeflating, availableParallelism())),
    close: () => threads.close(),
  }
}
