import type { Entry, LocalAccess, StorageDriver, StoragePath } from '@filegate/core'
import type { Source } from './source.ts'

/** The bytes that stand there now. */
export function currentSource(
  storage: StorageDriver,
  local: LocalAccess | undefined,
  path: StoragePath,
  entry: Entry,
  backend = '',
): Source {
  return {
    entry,
    get identity() {
      return identityOf(backend, path, entry)
    },
    open: (options) => storage.read(path, options),
    openLocal: local && (() => local.openFile(path)),
    hash: storage.hash?.bind(storage, path),
  }
}

/** A strong etag changes whenever the bytes do; a weak one promises less. */
function identityOf(backend: string, path: StoragePath, entry: Entry): string | undefined {
  if (entry.kind !== 'file' || !entry.etag || entry.etag.startsWith('W/')) return undefined
  return `${backend}\0${path}\0${entry.etag}`
}
