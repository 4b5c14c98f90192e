import type { Operation } from '@filegate/core'
import { type Connection, everywhere, isSelection } from './connection.ts'
import { queryOf, type Search } from './query.ts'
import { listing, type Resource, resource } from './resource.ts'

interface Found {
  readonly files: readonly Resource[]
  readonly cursor?: string | undefined
}

export interface Finding extends Operation {
  readonly cursor?: string | undefined
  /** The most files in the page. */
  readonly limit?: number | undefined
}

/**
 * Of two items of one name that stands for it which was made last: another time changes with what is written, and would
 * make the name lead to the other one. The vendor ignores this for users with very many files.
 */
const orderBy = 'createdTime desc'

/** A page of what a search finds. */
export async function findFiles(
  connection: Connection,
  search: Omit<Search, 'trashed'>,
  { cursor, limit, signal }: Finding,
): Promise<Found> {
  const { vendor, options, keys, fields } = connection
  const pageSize = pageSizeOf(options.list_chunk, limit)
  const answer = await vendor.ask(
    vendor.api.files.list(
      {
        ...everywhere,
        ...corpusOf(connection),
        includeItemsFromAllDrives: true,
        q: queryOf({ ...search, trashed: options.trashed_only }),
        fields: `nextPageToken,incompleteSearch,files(${fields})`,
        orderBy,
        ...(pageSize !== undefined && { pageSize }),
        ...(cursor !== undefined && { pageToken: cursor }),
      },
      { headers: keys.headersFor(search.parents ?? []), ...(signal && { signal }) },
    ),
  )
  const { files, nextPageToken, incompleteSearch } = listing.parse(answer)
  if (incompleteSearch) connection.log.warn('Google Drive did not search everything; the listing may lack files.')
  for (const file of files) keep(connection, file)
  return { files, cursor: nextPageToken || undefined }
}

/** What the option says unless fewer are wanted. The vendor takes 100 by itself. */
function pageSizeOf(chunk: number, limit = Number.POSITIVE_INFINITY): number | undefined {
  const most = Math.max(1, limit)
  if (most < (chunk || 100)) return most
  return chunk || undefined
}

/** Where is searched: in the app's own folder, in one shared drive, or in all that the account has. */
function corpusOf({ options }: Connection) {
  if (options.shared_with_me) return {}
  if (options.team_drive !== '') return { corpora: 'drive', driveId: options.team_drive }
  return isAppFolder(options) ? { spaces: 'appDataFolder' } : {}
}

export const isAppFolder = ({ scope, root_folder_id: folder }: Connection['options']): boolean =>
  scope.includes('drive.appfolder') && folder === ''

/** What finds the children of folders. */
export function searchIn(
  connection: Connection,
  folders: readonly string[],
  names?: readonly string[],
): Omit<Search, 'trashed'> {
  const [first = ''] = folders
  const { shared_with_me: sharedWithMe, starred_only: starred } = connection.options
  return isSelection(connection, first) ? { sharedWithMe, starred, names } : { parents: folders, names }
}

/** A file by its id. */
export async function fileById(connection: Connection, fileId: string, { signal }: Operation): Promise<Resource> {
  const { vendor, keys, fields } = connection
  const asked = { headers: keys.headersFor([fileId]), ...(signal && { signal }) }
  return kept(connection, await vendor.ask(vendor.api.files.get({ ...everywhere, fileId, fields }, asked)))
}

/** What an answer tells of a file. */
export function kept(connection: Connection, answer: unknown): Resource {
  const file = resource.parse(answer)
  keep(connection, file)
  return file
}

function keep({ keys }: Connection, { id, resourceKey, shortcutDetails }: Resource): void {
  keys.keep(id, resourceKey)
  keys.keep(shortcutDetails?.targetId, shortcutDetails?.targetResourceKey)
}
