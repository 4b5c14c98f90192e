import { siblingModule } from '@filegate/core'
import { createThreadPool } from '../thread-pool.ts'
import type { PackJob, PackPool, PackResult } from './pack-jobs.ts'

export const createPackPool = (): PackPool =>
  createThreadPool<PackJob, PackResult>(siblingModule(import.meta.url, './pack-worker'))
