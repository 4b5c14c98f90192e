import type { DirectoryListFilesAndDirectoriesOptions } from '@azure/storage-file-share'
import type { ListOptions, StoragePath } from '@filegate/core'
import { type Connection, directoryAt, until } from './connection.ts'
import { brokenAnswer } from './errors.ts'

/** The service would give 5,000, which are too many to be made out in one go. */
const largestPage = 500

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
  const page = await understood(pages.next())
  if (page.done) throw brokenAnswer()
  const { segment, continuationToken, _response: response } = page.value
  // What ends with its connection may have lost its end, which the library does not miss.
  if (!response.bodyAsText?.trimEnd().endsWith('</EnumerationResults>')) throw brokenAnswer()
  return { ...segment, ...(continuationToken && { cursor: continuationToken }) }
}

/** The library fails with errors of its own making, which say nothing, where it cannot make out an answer. */
async function understood<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer
  } catch (error) {
    // Those of the service, of the network and of logins have names of their own.
    const isParsing = error instanceof Error && /^(?:Type)?Error$/.test(error.name)
    throw isParsing ? brokenAnswer(error) : error
  }
}
