import { baseName, type DirectoryEntry, type Entry, type FileEntry, notFound, type StoragePath } from '@filegate/core'
import type { FileMetadata, Metadata } from './metadata.ts'

export const directoryEntry = (path: StoragePath): DirectoryEntry => ({ kind: 'directory', path, name: baseName(path) })

/** Documents that the service only exports have no bytes, so no size, before that is done. */
export function fileEntry(path: StoragePath, known: FileMetadata): FileEntry {
  const modified = Date.parse(known.client_modified)
  const contentType = known.is_downloadable ? undefined : exportTypes.get(known.export_info?.export_as ?? '')
  return {
    kind: 'file',
    path,
    name: baseName(path),
    ...(known.is_downloadable && { size: known.size }),
    ...(Number.isFinite(modified) && { modified }),
    etag: etagOf(known),
    ...(known.content_hash !== undefined && known.is_downloadable && { hashes: { dropbox: known.content_hash } }),
    ...(contentType !== undefined && { contentType }),
    version: known.rev,
  }
}

/** Changes with the bytes, and is what conditions of the vendor are about. */
export const etagOf = ({ rev }: Pick<FileMetadata, 'rev'>): string => `"${rev}"`

/** @throws StorageError `NotFound` where only the memory of something is left */
export function entryOf(path: StoragePath, known: Metadata): Entry {
  if (known['.tag'] === 'deleted') throw notFound(path)
  return known['.tag'] === 'file' ? fileEntry(path, known) : directoryEntry(path)
}

/** What the names of the formats mean that documents are exported in. */
const exportTypes: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html'],
  ['markdown', 'text/markdown'],
  ['md', 'text/markdown'],
  ['plain_text', 'text/plain'],
  ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['pptx', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
  ['pdf', 'application/pdf'],
])
