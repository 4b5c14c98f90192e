import type { DirectoryListFilesAndDirectoriesOptions } from '@azure/storage-file-share'
import { type ListOptions, StorageError, type StoragePath } from '@filegate/core'
import { type Connection, directoryAt, until } from './connection.ts'

/** The service would give 5,000, which take long to be made out in one go. */
export const largestPage = 1000

/** One page of what is in a directory, in the words of the library. */
export async function segmentOf(
  connection: Connection,
  path: StoragePath,
  { cursor, limit = largestPage, signal }: ListOptions,
  details: Pick<DirectoryListFilesAndDirectoriesOptions, 'includeEtag' | 'includeTimestamps'> = {},
) {
  const pages = directoryAt(connection, path)
    .listFilesAndDirectories({ ...details, ...until(signal) })
    .byPage({
      maxPageSize: Math.max(1, Math.min(limit, largestPage)),
      ...(cursor !== undefined && { continuationToken: cursor }),
    })
  const page = await pages.next()
  if (page.done) throw new StorageError('Unexpected', 'The library gave no page of a listing.')
  const { segment, continuationToken } = page.value
  return { ...segment, ...(continuationToken && { cursor: continuationToken }) }
}
