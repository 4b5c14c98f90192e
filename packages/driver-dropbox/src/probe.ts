import { StorageError } from '@filegate/core'
import { until } from './connection.ts'
import type { DropboxOptions } from './options.ts'
import type { Vendor } from './vendor.ts'

/** Milliseconds until the service counts as one that does not answer. */
const patience = 30_000

/** Proves with one call that the service takes the login, lets it read, and knows the root. */
export async function proveAccess(
  vendor: Vendor,
  options: DropboxOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = AbortSignal.timeout(patience)
  const within = until(signal ? AbortSignal.any([signal, deadline]) : deadline)
  try {
    if (options.shared_files) await vendor.api.sharingListReceivedFiles({ limit: 1 }, within)
    else if (options.shared_folders) await vendor.api.sharingListFolders({ limit: 1 }, within)
    else await vendor.api.filesListFolder({ path: '', limit: 1 }, within)
  } catch (error) {
    if (!deadline.aborted || signal?.aborted) throw error
    throw new StorageError('TimedOut', `Dropbox did not answer within ${patience / 1000} s.`, { cause: error })
  }
}
