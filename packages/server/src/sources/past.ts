import { baseName, type FileEntry, type StoragePath, StorageError } from '@filegate/core'
import type { ContentStore } from '../journal/content-store.ts'
import { notKept, type Revision } from '../journal/find-revision.ts'
import type { Source } from './source.ts'

/** The bytes that a file held once. They never change, so what is computed from them holds for good. */
export function pastSource(content: ContentStore, path: StoragePath, { entry, hash, size }: Revision): Source {
  const file: FileEntry = {
    kind: 'file',
    path,
    name: baseName(path),
    size,
    modified: entry.ts,
    etag: `"${hash}"`,
    hashes: { sha256: hash },
  }
  return {
    entry: file,
    identity: `journal\0${hash}`,
    async open(options) {
      try {
        const { range, body } = await content.read(hash, options)
        return { entry: file, range, body }
      } catch (error) {
        if (StorageError.is(error, 'NotFound')) throw notKept(path, entry.seq)
        throw error
      }
    },
  }
}
