import type { StorageError, StoragePath } from '@filegate/core'
import { problem } from '../http/problem.ts'
import type { Surface } from '../views/view.ts'

/** WebDAV says of it what it says of a lock; the API has a conflict. */
const statuses: Readonly<Record<Surface, number>> = { basic: 423, v1: 409 }

export const busy = (surface: Surface, path: StoragePath): StorageError =>
  problem(
    'Conflict',
    { status: statuses[surface], code: 'FILE_PATH_BUSY' },
    `Somebody else is changing /${path}, or a folder that it is in, at this moment. Nothing was changed.`,
    { path },
  )
