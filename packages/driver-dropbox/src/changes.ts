import { type ChangesSince, type Operation, root, type StoragePath, throwIfAborted } from '@filegate/core'
import { z } from 'zod'
import { type Connection, until } from './connection.ts'
import { isStorable, listed, pathBelow } from './list.ts'
import { tagsOf } from './tags.ts'

/** Pages of changes after which it is cheaper to forget everything. */
const mostPages = 10

const latest = z.object({ cursor: z.string() })

/** What changed anywhere in the account since a cursor: the vendor's listing of everything, which goes on into changes. */
export async function changesSince(
  connection: Pick<Connection, 'vendor'>,
  cursor: string | undefined,
  { signal }: Operation = {},
): Promise<ChangesSince> {
  throwIfAborted(signal)
  if (cursor === undefined) return { cursor: await latestCursor(connection, signal), paths: [] }
  const { api } = connection.vendor
  const paths = new Map<string, StoragePath>()
  let at = cursor
  try {
    for (let pages = 0; pages < mostPages; pages++) {
      const page = listed.parse((await api.filesListFolderContinue({ cursor: at }, until(signal))).result)
      for (const known of page.entries) {
        const path = isStorable(known) ? pathBelow(root, 0, known) : undefined
        if (path !== undefined) paths.set(path.toLowerCase(), path)
      }
      at = page.cursor
      if (!page.has_more) return { cursor: at, paths: [...paths.values()] }
    }
  } catch (error) {
    // The vendor keeps cursors for a while, and gives them up where too much changes.
    if (tagsOf(error) !== 'reset') throw error
  }
  return { cursor: await latestCursor(connection, signal), paths: 'all' }
}

async function latestCursor({ vendor }: Pick<Connection, 'vendor'>, signal: AbortSignal | undefined): Promise<string> {
  const { result } = await vendor.api.filesListFolderGetLatestCursor({ path: '', recursive: true }, until(signal))
  return latest.parse(result).cursor
}
