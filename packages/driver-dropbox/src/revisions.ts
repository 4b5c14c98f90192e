import {
  type FileEntry,
  isADirectory,
  type ListOptions,
  notFound,
  type Page,
  root,
  type StoragePath,
  throwIfAborted,
} from '@filegate/core'
import { z } from 'zod'
import { type Connection, until } from './connection.ts'
import { fileEntry } from './entries.ts'
import { fileMetadata } from './metadata.ts'

/** Revisions that the vendor gives in an answer at most. */
const largestPage = 100

const answer = z.object({
  is_deleted: z.boolean(),
  entries: z.array(fileMetadata),
  has_more: z.boolean().default(false),
})

/** What stood at the path, newest first, as long as the vendor keeps it. */
export async function revisionsOf(
  { vendor, places }: Connection,
  path: StoragePath,
  { cursor, limit = largestPage, signal }: ListOptions = {},
): Promise<Page<FileEntry>> {
  throwIfAborted(signal)
  if (path === root) throw isADirectory(path)
  const place = await places.of(path, { signal })
  const asked = { path: place, mode: { '.tag': 'path' } as const, limit: Math.min(largestPage, Math.max(1, limit)) }
  const { result } = await vendor.api.filesListRevisions(
    { ...asked, ...(cursor !== undefined && { before_rev: cursor }) },
    until(signal),
  )
  const { is_deleted: isDeleted, entries, has_more: hasMore } = answer.parse(result)
  if (isDeleted && cursor === undefined) throw notFound(path)
  const last = entries.at(-1)
  return { items: entries.map((known) => fileEntry(path, known)), ...(hasMore && last && { cursor: last.rev }) }
}
