import { baseName, type DirectoryEntry, type FileEntry, joinPath, type StoragePath } from '@filegate/core'
import { hexOf, quotedEtag, totalSize } from '../http/answer.ts'

/** What the answers about one file, HEAD and GET, have in common. */
export interface FileAnswer {
  readonly contentLength?: number | undefined
  readonly contentRange?: string | undefined
  readonly contentType?: string | undefined
  readonly contentMD5?: Uint8Array | undefined
  /** Of the whole file, in the answer to a range. */
  readonly fileContentMD5?: Uint8Array | undefined
  readonly etag?: string | undefined
  readonly lastModified?: Date | undefined
  readonly fileLastWriteOn?: Date | undefined
  /** The same, in the answers to requests that change something. */
  readonly fileLastWriteTime?: Date | undefined
}

/** What the answers about one directory say. */
export type DirectoryAnswer = Pick<FileAnswer, 'lastModified' | 'fileLastWriteOn' | 'fileLastWriteTime'>

/** What a listing tells of a file or of a directory. */
export interface ListedItem {
  readonly name: string
  readonly properties?:
    | {
        readonly contentLength?: number | undefined
        readonly lastWriteTime?: Date | undefined
        readonly lastModified?: Date | undefined
        readonly etag?: string | undefined
      }
    | undefined
}

/** The type of files that nobody gave one, as of all that came over SMB. Their names say more. */
const noType = 'application/octet-stream'

export function fileEntry(path: StoragePath, answer: FileAnswer): FileEntry {
  const { contentType, contentRange } = answer
  const size = totalSize(answer)
  const etag = quotedEtag(answer.etag)
  // The MD5 beside a range is that of the range.
  const md5 = hexOf(contentRange === undefined ? answer.contentMD5 : answer.fileContentMD5)
  return {
    kind: 'file',
    path,
    name: baseName(path),
    ...(size !== undefined && { size }),
    ...modifiedOf(answer),
    ...(etag !== undefined && { etag }),
    ...(contentType !== undefined && contentType !== noType && { contentType }),
    ...(md5 !== undefined && { hashes: { md5 } }),
  }
}

export const directoryEntry = (path: StoragePath, answer: DirectoryAnswer = {}): DirectoryEntry => ({
  kind: 'directory',
  path,
  name: baseName(path),
  ...modifiedOf(answer),
})

export function listedFile(directory: StoragePath, { name, properties = {} }: ListedItem): FileEntry {
  const { contentLength, lastWriteTime: fileLastWriteOn, lastModified, etag } = properties
  return fileEntry(joinPath(directory, name), { contentLength, fileLastWriteOn, lastModified, etag })
}

export const listedDirectory = (directory: StoragePath, { name, properties = {} }: ListedItem): DirectoryEntry =>
  directoryEntry(joinPath(directory, name), {
    fileLastWriteOn: properties.lastWriteTime,
    lastModified: properties.lastModified,
  })

/** The time of the last write is one that users can set; the other one is that of the last request that changed something. */
function modifiedOf(answer: DirectoryAnswer): { readonly modified?: number } {
  const time = (answer.fileLastWriteOn ?? answer.fileLastWriteTime ?? answer.lastModified)?.getTime()
  return time === undefined || Number.isNaN(time) ? {} : { modified: time }
}
