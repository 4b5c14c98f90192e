import { createHash } from 'node:crypto'
import type { FileEntry, StorageDriver, StoragePath } from '@filegate/core'
import type { Source } from './source.ts'

/** The bytes of a version that a storage elsewhere keeps. They never change, so what is computed from them holds for good. */
export function versionSource(
  storage: StorageDriver,
  backend: string,
  path: StoragePath,
  { version, entry }: { readonly version: string; readonly entry: FileEntry },
): Source {
  // Not the one of the vendor, which some give by the content only and some by the file.
  const etag = `"${createHash('sha256').update(`${backend}\0${path}\0${version}`).digest('base64url')}"`
  const file: FileEntry = { ...entry, path, etag }
  return {
    entry: file,
    identity: `${backend}\0${path}\0version\0${version}`,
    async open(options) {
      const { range, body } = await storage.read(path, { ...options, version })
      return { entry: file, range, body }
    },
  }
}
