import type { ChangesSince, Operation, StoragePath } from '@filegate/core'
import { statusOf } from '@filegate/google-login'
import { z } from 'zod'
import { type Connection, everywhere } from './connection.ts'
import { isAppFolder } from './find-files.ts'
import { resource } from './resource.ts'
import { shownItem } from './shown-items.ts'

/** https://developers.google.com/workspace/drive/api/reference/rest/v3/changes */
const change = z.object({
  fileId: z.string().optional(),
  removed: z.boolean().optional(),
  file: resource.optional(),
})
type Change = z.output<typeof change>

const page = z.object({
  changes: z.array(change).default([]),
  nextPageToken: z.string().optional(),
  newStartPageToken: z.string().optional(),
})

const beginning = z.object({ startPageToken: z.string() })

/** So many pages of changes are not worth reading: what is remembered is asked for anew in less. */
const mostPages = 3

/** Whether all that is shown is in one log of changes. What is shown besides, by links and selections, may be in none. */
export const hasFeed = ({ options, root }: Pick<Connection, 'options' | 'root'>): boolean =>
  options.root_folder_id === '' &&
  !options.shared_with_me &&
  !options.starred_only &&
  !options.trashed_only &&
  // What lies in a root that is known by its alias only names another id as its parent.
  root.id !== 'root' &&
  root.id !== 'appDataFolder'

/** What changed since a cursor, and where from now on begins. */
export async function changesSince(
  connection: Connection,
  cursor: string | undefined,
  options: Operation,
): Promise<ChangesSince> {
  if (cursor === undefined) return { cursor: await newest(connection, options), paths: [] }
  const changes: Change[] = []
  let token = cursor
  for (let pages = 0; pages < mostPages; pages++) {
    const found = await pageFrom(connection, token, options)
    if (!found) return everything(connection, options)
    changes.push(...found.changes)
    if (found.nextPageToken === undefined) {
      const next = found.newStartPageToken ?? token
      return { cursor: next, paths: await touched(connection, changes, options) }
    }
    token = found.nextPageToken
  }
  return everything(connection, options)
}

async function everything(connection: Connection, options: Operation): Promise<ChangesSince> {
  const cursor = await newest(connection, options)
  connection.places.clear()
  return { cursor, paths: 'all' }
}

/** Which log: that of a shared drive, or that of the account. */
const logOf = ({ options }: Connection) =>
  options.team_drive === '' ? {} : { driveId: options.team_drive, includeItemsFromAllDrives: true }

async function newest({ vendor, options: { team_drive: drive } }: Connection, { signal }: Operation): Promise<string> {
  const query = { ...everywhere, ...(drive !== '' && { driveId: drive }), fields: 'startPageToken' }
  return beginning.parse(await vendor.ask(vendor.api.changes.getStartPageToken(query, signal ? { signal } : {})))
    .startPageToken
}

/** `undefined` where the vendor knows the token no longer. */
async function pageFrom(connection: Connection, pageToken: string, { signal }: Operation) {
  const { vendor, options, fields } = connection
  const query = {
    ...everywhere,
    ...logOf(connection),
    ...(isAppFolder(options) && { spaces: 'appDataFolder' }),
    pageToken,
    pageSize: 1000,
    fields: `nextPageToken,newStartPageToken,changes(fileId,removed,file(${fields}))`,
  }
  try {
    return page.parse(await vendor.ask(vendor.api.changes.list(query, signal ? { signal } : {})))
  } catch (error) {
    if ([400, 404, 410].includes(statusOf(error) ?? 0)) return undefined
    throw error
  }
}

/** Where it was shown, and where it is to be shown now: only folders that were shown have anything remembered of them. */
async function touched(
  connection: Connection,
  changes: readonly Change[],
  options: Operation,
): Promise<ChangesSince['paths']> {
  const { places } = connection
  const paths = new Set<StoragePath>()
  for (const { fileId, removed, file } of changes) {
    if (fileId === undefined) continue
    const before = places.pathsOf(fileId)
    if (file && !removed && !file.trashed) {
      places.left(fileId)
      await shownItem(connection, file, options)
    }
    const after = places.pathsOf(fileId)
    if (!before || !after) {
      places.clear()
      return 'all'
    }
    for (const path of [...before, ...after]) paths.add(path)
  }
  return [...paths]
}
