import type { sharing } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import type { Item } from '../cloud-tree/item.ts'
import { endpointError, tagged } from './api-error.ts'
import type { ArgumentOf } from './arguments.ts'
import type { Call } from './call.ts'
import { formatTime, namedAs } from './metadata.ts'
import { namesBelow } from './places.ts'

const policy: sharing.FolderPolicy = {
  acl_update_policy: { '.tag': 'owner' },
  shared_link_policy: { '.tag': 'anyone' },
}

const previewOf = (kind: 'fi' | 'fo', item: Item): string =>
  `https://www.dropbox.com/scl/${kind}/${Buffer.from(item.id).toString('hex').slice(0, 21)}`

/** All folders that are shared, mounted or not, in the order of their ids. */
function sharedFolders({ state: { tree } }: Call): Item[] {
  return [...tree.items()].filter(({ id, facts }) => typeof facts.sharedFolderId === 'string' && !tree.isTrashed(id))
}

function folderMetadata(call: Call, item: Item): sharing.SharedFolderMetadata {
  const isMounted = call.state.tree.isWithin(item.id, call.base)
  const { path_lower, path_display } = namedAs(call, namesBelow(call, item))
  return {
    access_type: { '.tag': item.facts.readOnly === true ? 'viewer' : 'editor' },
    is_inside_team_folder: false,
    is_team_folder: false,
    owner_display_names: ['Somebody Else'],
    ...(isMounted && { path_lower, path_display }),
    name: item.name,
    policy,
    preview_url: previewOf('fo', item),
    shared_folder_id: String(item.facts.sharedFolderId),
    time_invited: formatTime(item.created),
    access_inheritance: { '.tag': 'inherit' },
    folder_id: item.id,
  }
}

interface Paged<Entry> {
  readonly entries: Entry[]
  readonly cursor?: string
}

/** The cursor says where it goes on and how long pages are. */
function page<Value, Entry>(
  values: readonly Value[],
  start: number,
  limit: number,
  show: (value: Value) => Entry,
): Paged<Entry> {
  const end = start + limit
  return {
    entries: values.slice(start, end).map(show),
    ...(end < values.length && { cursor: Buffer.from(`${end} ${limit}`).toString('base64url') }),
  }
}

function readCursor(cursor: string): { readonly start: number; readonly limit: number } {
  const [, start, limit] = /^(\d+) (\d+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (start === undefined || limit === undefined) throw endpointError(tagged('invalid_cursor'))
  return { start: Number(start), limit: Number(limit) }
}

export const listFolders = (call: Call, { limit }: ArgumentOf<'listFolders'>): sharing.ListFoldersResult =>
  page(sharedFolders(call), 0, limit, (item) => folderMetadata(call, item))

export function continueFolders(call: Call, { cursor }: ArgumentOf<'cursor'>): sharing.ListFoldersResult {
  const { start, limit } = readCursor(cursor)
  return page(sharedFolders(call), start, limit, (item) => folderMetadata(call, item))
}

export function mountFolder(call: Call, argument: ArgumentOf<'mountFolder'>): sharing.SharedFolderMetadata {
  const { tree } = call.state
  const item = sharedFolders(call).find(({ facts }) => facts.sharedFolderId === argument.shared_folder_id)
  if (!item) throw endpointError(tagged('access_error', tagged('invalid_id')))
  if (tree.isWithin(item.id, call.base)) throw endpointError(tagged('already_mounted'))
  if (item.facts.mountable === false) throw endpointError(tagged('not_mountable'))
  const taken = tree.named(call.base, item.name).length > 0
  // As two mounts of one name are told apart.
  const name = taken ? `${item.name} (1)` : item.name
  return folderMetadata(call, tree.update(item.id, { name, parents: [call.base] }))
}

function receivedFiles({ state: { tree, received } }: Call): readonly Item[] {
  return tree.children(received)
}

function fileMetadata(call: Call, item: Item): sharing.SharedFileMetadata {
  const link = [...call.state.links.values()].find((one) => one.item === item.id)
  return {
    access_type: { '.tag': 'viewer' },
    id: item.id,
    name: item.name,
    owner_display_names: ['Somebody Else'],
    policy,
    preview_url: link?.url ?? previewOf('fi', item),
    time_invited: formatTime(item.created),
  }
}

export const listReceived = (call: Call, { limit }: ArgumentOf<'listReceived'>): sharing.ListFilesResult =>
  page(receivedFiles(call), 0, limit, (item) => fileMetadata(call, item))

export function continueReceived(call: Call, { cursor }: ArgumentOf<'cursor'>): sharing.ListFilesResult {
  const { start, limit } = readCursor(cursor)
  return page(receivedFiles(call), start, limit, (item) => fileMetadata(call, item))
}
