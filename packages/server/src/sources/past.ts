import { baseName, collectBytes, type FileEntry, type StoragePath, StorageError } from '@filegate/core'
import type { ContentStore } from '../journal/content-store.ts'
import { notKept, type Revision } from '../journal/find-revision.ts'
import type { Source } from './source.ts'

/** The bytes that a file held once. They never change, so what is computed from them holds for good. */
export function pastSource(
  content: ContentStore,
  path: StoragePath,
  { entry, hash, size, mostKept }: Revision,
): Source {
  const file: FileEntry = {
    kind: 'file',
    path,
    name: baseName(path),
    size,
    modified: entry.ts,
    etag: `"${hash}"`,
    hashes: { sha256: hash },
  }
  const open: Source['open'] = async (options) => {
    try {
      const { range, body } = await content.read(hash, options)
      return { entry: file, range, body }
    } catch (error) {
      if (StorageError.is(error, 'NotFound')) throw notKept(path, entry, mostKept)
      throw error
    }
  }
  return {
    entry: file,
    identity: `journal\0${hash}`,
    open,
    async sample(most, signal) {
      // No range can be asked of an empty file.
      const { body } = await open(size === 0 ? { signal } : { range: { start: 0, end: most }, signal })
      return collectBytes(body, signal)
    },
  }
}
