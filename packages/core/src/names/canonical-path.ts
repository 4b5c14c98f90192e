import { joinPath, root, type StoragePath } from '../path.ts'
import { canonicalName } from './outward.ts'

/**
 * The one spelling of a path on a backend whose names are in the standard form. Rights, caches and locks are decided on
 * this one: several spellings lead to the same entry.
 * @throws StorageError `InvalidPath` when a name is not valid Unicode
 */
export function canonicalPath(path: StoragePath): StoragePath {
  if (path === root) return root
  return path.split('/').reduce<StoragePath>((parent, name) => joinPath(parent, canonicalName(name)), root)
}
