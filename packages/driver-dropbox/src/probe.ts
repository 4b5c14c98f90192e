import { StorageError } from '@filegate/core'
import { until } from './connection.ts'
import type { DropboxOptions } from './options.ts'
import type { Vendor } from './vendor.ts'

/** Milliseconds until the service counts as one that does not answer. */
const patience = 30_000

/** Runs what connects, which is over after a while in any case. @throws StorageError `TimedOut` */
export async function inTime<Result>(
  signal: AbortSignal | undefined,
  connect: (deadline: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const deadline = AbortSignal.timeout(patience)
  try {
    return await connect(signal ? AbortSignal.any([signal, deadline]) : deadline)
  } catch (error) {
    if (!deadline.aborted || signal?.aborted) throw error
    throw new StorageError('TimedOut', `Dropbox did not answer within ${patience / 1000} s.`, { cause: error })
  }
}

/** Proves with one call that the service takes the login, lets it read, and knows the root. */
export async function proveAccess(vendor: Vendor, options: DropboxOptions, signal: AbortSignal): Promise<void> {
  const { api } = vendor
  if (options.shared_files) await api.sharingListReceivedFiles({ limit: 1 }, until(signal))
  else if (options.shared_folders) await api.sharingListFolders({ limit: 1 }, until(signal))
  else await api.filesListFolder({ path: '', limit: 1 }, until(signal))
}
