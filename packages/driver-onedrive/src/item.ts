import type { FileEntry, TreeItem } from '@filegate/core'
import { type Address, idOf } from './address.ts'
import type { DriveItem } from './drive-item.ts'
import { hashesIn } from './hashes.ts'
import type { OneDriveOptions } from './options.ts'

/** An item, with what calls about it need besides. */
export interface OneDriveItem extends TreeItem {
  /** `drive#item` of what it is, or of what it leads to where somebody else shares that. */
  readonly id: string
  /** Where the item itself stands; what is removed or moved is this and not what others share. */
  readonly own: Address
  /** The id of the directory around what it is, in the same drive. */
  readonly parent?: string | undefined
  /** As the service says it, without quotes of ours. */
  readonly eTag?: string | undefined
  /** A notebook: several files that look like one, and cannot be read. */
  readonly isNotebook: boolean
  readonly isInfected: boolean
  /** Where the bytes are for about an hour, for anybody who has it. */
  readonly downloadUrl?: string | undefined
}

export type FileFacts = Omit<FileEntry, 'path'>

/** @param drive in which the item was found; what the answer says of it differs in case */
export function itemOf(found: DriveItem, drive: string, options: Pick<OneDriveOptions, 'hash_type'>): OneDriveItem {
  const own = { drive, item: found.id }
  const remote = found.remoteItem
  const told = remote ?? found
  const target = remote ? { drive: remote.parentReference?.driveId ?? drive, item: remote.id } : own
  const name = found.name ?? remote?.name ?? ''
  const modified = timeOf(told.fileSystemInfo?.lastModifiedDateTime ?? told.lastModifiedDateTime)
  const facts: TreeItem['facts'] = told.folder
    ? { kind: 'directory', name, modified, children: told.folder.childCount ?? undefined }
    : {
        kind: 'file',
        name,
        size: told.size ?? undefined,
        modified,
        etag: quoted(told.eTag),
        contentType: told.file?.mimeType ?? undefined,
        hashes: hashesIn(told.file, options),
      }
  return {
    id: idOf(target),
    own,
    facts,
    parent: told.parentReference?.id ?? undefined,
    eTag: told.eTag ?? undefined,
    isNotebook: told.package?.type?.toLowerCase() === 'onenote',
    isInfected: found.malware !== undefined && found.malware !== null,
    downloadUrl: found['@microsoft.graph.downloadUrl'] ?? undefined,
  }
}

/** Unix milliseconds. */
function timeOf(text: string | null | undefined): number | undefined {
  const time = text ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

/** Drives of organizations tell etags in quotes, personal ones without. */
function quoted(etag: string | null | undefined): string | undefined {
  if (!etag) return undefined
  return /^(?:W\/)?".*"$/.test(etag) ? etag : `"${etag.replaceAll('"', '')}"`
}

/** As in a body of a request. */
export const timesOf = (modified: number) => ({
  fileSystemInfo: { lastModifiedDateTime: new Date(modified).toISOString() },
})
