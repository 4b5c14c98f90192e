import { can, type Entry, type StorageDriver, StorageError, type StoragePath } from '@filegate/core'

export interface CopyingAcross {
  readonly source: StorageDriver
  readonly target: StorageDriver
  readonly entry: Entry
  readonly destination: StoragePath
  readonly signal: AbortSignal
}

/** What says that the service does not copy this one, and nothing of whether it can be read and written. */
const refusals: ReadonlySet<string> = new Set(['Unsupported', 'NotFound', 'AccessDenied'])

/**
 * Has the service behind two connections copy a file from the one to where nothing is on the other.
 * @returns whether it did; where not, the file can still be read and written
 */
export async function copyAcross({ source, target, entry, destination, signal }: CopyingAcross): Promise<boolean> {
  if (entry.kind !== 'file' || source.provider !== target.provider) return false
  if (!can(source, 'handle') || !can(target, 'copyFrom')) return false
  try {
    const handle = await source.handle(entry.path, { signal })
    await target.copyFrom(destination, { handle, signal })
    return true
  } catch (error) {
    if (StorageError.is(error) && refusals.has(error.code)) return false
    throw error
  }
}
