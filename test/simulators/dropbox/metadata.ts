import type { files } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import { digestOf } from '../cloud-tree/digest-of.ts'
import { currentRevision, type Item, type Revision } from '../cloud-tree/item.ts'
import type { Account } from './accounts.ts'
import type { Call } from './call.ts'
import { namesBelow } from './places.ts'

/** Whole seconds, in UTC. */
export const formatTime = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`

/** What a document of Paper can be taken out as. */
export type Exports = ReadonlyMap<string, Uint8Array>

export const exportsOf = (item: Item): Exports | undefined =>
  item.facts.exports instanceof Map ? item.facts.exports : undefined

interface Named {
  readonly name: string
  readonly path_lower: string
  readonly path_display: string
}

export function namedAs({ state }: Call, names: readonly string[]): Named {
  const display = `/${names.join('/')}`
  const name = names.at(-1) ?? ''
  const around = display.slice(0, display.length - name.length)
  const shown = state.parentCasing === 'lower' ? around.toLowerCase() : around
  return { name, path_lower: display.toLowerCase(), path_display: shown + name }
}

/** The shared folder that it lies in or is. */
function sharedAround({ state: { tree } }: Call, item: Item): Item | undefined {
  for (let at: Item | undefined = item; at; at = tree.get(at.parents[0] ?? '')) {
    if (typeof at.facts.sharedFolderId === 'string') return at
  }
  return undefined
}

export function fileMetadata(call: Call, item: Item, revision = needRevision(item)): files.FileMetadata {
  const around = sharedAround(call, item)
  const exports = exportsOf(item)
  const [first, ...others] = exports?.keys() ?? []
  return {
    ...namedAs(call, namesBelow(call, item)),
    id: item.id,
    client_modified: formatTime(revision.modified),
    server_modified: formatTime(revision.received),
    rev: revision.id,
    size: revision.bytes.length,
    ...(around && {
      sharing_info: {
        read_only: around.facts.readOnly === true,
        parent_shared_folder_id: String(around.facts.sharedFolderId),
        ...modifiedBy(call.account),
      },
    }),
    is_downloadable: !exports,
    ...(first !== undefined && { export_info: { export_as: first, export_options: [first, ...others] } }),
    content_hash: digestOf(revision.bytes, 'dropbox').toString('hex'),
  }
}

const modifiedBy = (account: Account | undefined): { modified_by: string } | undefined =>
  account && { modified_by: account.accountId }

/** Every file here has bytes, a document of Paper too. */
export function needRevision(item: Item): Revision {
  const revision = currentRevision(item)
  if (!revision) throw new Error(`${item.name} has no bytes; files of Dropbox have.`)
  return revision
}

export function folderMetadata(call: Call, item: Item): files.FolderMetadata {
  const { sharedFolderId } = item.facts
  const shared = typeof sharedFolderId === 'string'
  const around = shared ? item : sharedAround(call, item)
  const aroundId = around && String(around.facts.sharedFolderId)
  return {
    ...namedAs(call, namesBelow(call, item)),
    id: item.id,
    ...(shared && { shared_folder_id: sharedFolderId }),
    ...(around && {
      sharing_info: {
        read_only: around.facts.readOnly === true,
        ...(shared ? { shared_folder_id: sharedFolderId } : { parent_shared_folder_id: aroundId ?? '' }),
        traverse_only: false,
        no_access: false,
      },
    }),
  }
}

export type Entry = files.FileMetadataReference | files.FolderMetadataReference | files.DeletedMetadataReference

export const entryOf = (call: Call, item: Item): files.FileMetadataReference | files.FolderMetadataReference =>
  item.kind === 'file'
    ? { '.tag': 'file', ...fileMetadata(call, item) }
    : { '.tag': 'folder', ...folderMetadata(call, item) }

export const deletedEntry = (call: Call, names: readonly string[]): files.DeletedMetadataReference => ({
  '.tag': 'deleted',
  ...namedAs(call, names),
})
