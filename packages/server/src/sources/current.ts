import type { Entry, LocalAccess, StorageDriver, StoragePath } from '@filegate/core'
import type { Source } from './source.ts'

/** The bytes that stand there now. */
export function currentSource(
  storage: StorageDriver,
  local: LocalAccess | undefined,
  path: StoragePath,
  entry: Entry,
): Source {
  const open: Source['open'] = (options) => storage.read(path, options)
  return local ? { entry, open, openLocal: () => local.openFile(path) } : { entry, open }
}
