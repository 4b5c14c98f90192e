import type { FileEntry, HashAlgorithm, TreeFacts, TreeItem } from '@filegate/core'
import type { ExportFormat } from './formats.ts'
import { linkFile, linkTypes } from './link-file.ts'
import type { DriveOptions } from './options.ts'
import { folderType, shortcutType } from './query.ts'
import { type Resource, timeOf } from './resource.ts'

/** An item of the drive as users see it. */
export interface DriveItem extends TreeItem {
  /** The id of what a shortcut leads to, or of the item itself. */
  readonly id: string
  /** What is read and written: never a shortcut, but for one that leads nowhere. */
  readonly file: Resource
  /** What lies in the folder, where that is a shortcut. */
  readonly shortcut?: Resource | undefined
  /** Whether it was found in a selection from everywhere, and not in the folder that it lies in. */
  readonly isSelected?: boolean | undefined
  /** Present for Google documents, which have no bytes; `none` where they cannot be read. */
  readonly format?: ExportFormat | 'none' | undefined
}

/** What of the options decides how a file is shown. */
export type Showing = Pick<
  DriveOptions,
  'use_created_date' | 'use_shared_date' | 'size_as_quota' | 'skip_checksum_gphotos' | 'metadata_owner'
>

const documents = 'application/vnd.google-apps.'

export const isFolder = ({ mimeType }: Resource): boolean => mimeType === folderType

/** Whether it has no bytes of its own. Some report a size all the same, which is what they take of the quota. */
export const isDocument = ({ mimeType, md5Checksum }: Resource): boolean =>
  mimeType.startsWith(documents) && mimeType !== folderType && mimeType !== shortcutType && md5Checksum === undefined

export const isDangling = ({ file }: DriveItem): boolean => file.mimeType === shortcutType

/** What lies in the folder: that is moved and removed. */
export const lying = ({ file, shortcut }: DriveItem): Resource => shortcut ?? file

/** An item under the name that it has in its folder. */
export function itemOf(
  showing: Showing,
  file: Resource,
  { shortcut, format }: Pick<DriveItem, 'shortcut' | 'format'> = {},
): DriveItem {
  const { name } = shortcut ?? file
  const facts: TreeFacts = isFolder(file)
    ? { kind: 'directory', name, ...common(showing, file), ...(shortcut && { symlinkTarget: file.id }) }
    : { ...fileFacts(showing, file, format), name: shownName(name, format) }
  return { id: file.id, facts, rank: timeOf((shortcut ?? file).createdTime) ?? 0, file, shortcut, format }
}

const shownName = (name: string, format: DriveItem['format']): string =>
  format && format !== 'none' ? `${name}.${format.extension}` : name

function common(showing: Showing, { createdTime, sharedWithMeTime, modifiedTime, owners = [] }: Resource) {
  const shared = showing.use_shared_date ? timeOf(sharedWithMeTime) : undefined
  const modified = showing.use_created_date ? timeOf(createdTime) : (shared ?? timeOf(modifiedTime))
  const owner = showing.metadata_owner.read ? (owners[0]?.emailAddress ?? owners[0]?.displayName) : undefined
  return { ...(modified !== undefined && { modified }), ...(owner !== undefined && { owner }) }
}

type Facts = Omit<FileEntry, 'path'>

function fileFacts(showing: Showing, file: Resource, format: DriveItem['format']): Facts {
  const base = { kind: 'file' as const, name: file.name, ...common(showing, file) }
  if (format === 'none') return { ...base, contentType: file.mimeType }
  if (format?.kind === 'link') {
    const size = linkBytes(file, format.extension).length
    return { ...base, size, etag: documentEtag(file, format.extension), contentType: linkTypes[format.extension] }
  }
  if (format) return { ...base, etag: documentEtag(file, format.extension), contentType: format.type }
  if (file.mimeType === shortcutType) return { ...base, contentType: shortcutType }
  const { size, quotaBytesUsed } = file
  const shown = showing.size_as_quota ? quotaBytesUsed : size
  const hashes = hashesOf(showing, file)
  return {
    ...base,
    // A number that no file can have is as good as none.
    ...(shown !== undefined && Number.isSafeInteger(Number(shown)) && { size: Number(shown) }),
    etag: etagOf(file),
    contentType: file.mimeType,
    ...(Object.keys(hashes).length > 0 && { hashes }),
  }
}

/** The small file that leads to a document. */
export const linkBytes = ({ id, name, webViewLink }: Resource, extension: Parameters<typeof linkFile>[0]) =>
  linkFile(extension, { name, url: webViewLink ?? `https://drive.google.com/open?id=${id}` })

/** Two exports of one document need not be the same bytes. */
const documentEtag = ({ modifiedTime = '' }: Resource, extension: string): string =>
  `W/"${timeOf(modifiedTime) ?? 0}-${extension.replaceAll('.', '-')}"`

/** Changes with the bytes: the head revision, or a digest where the account may not know of revisions. */
function etagOf({ headRevisionId, sha256Checksum, md5Checksum, modifiedTime, size }: Resource): string {
  const strong = headRevisionId ?? sha256Checksum ?? md5Checksum
  return strong === undefined ? `W/"${timeOf(modifiedTime) ?? 0}-${size ?? ''}"` : `"${strong.replaceAll('"', '')}"`
}

const digests: readonly (readonly [HashAlgorithm, 'md5Checksum' | 'sha1Checksum' | 'sha256Checksum', number])[] = [
  ['md5', 'md5Checksum', 32],
  ['sha1', 'sha1Checksum', 40],
  ['sha256', 'sha256Checksum', 64],
]

export function hashesOf(showing: Showing, file: Resource): NonNullable<FileEntry['hashes']> {
  if (showing.skip_checksum_gphotos && file.spaces?.includes('photos')) return {}
  const found = digests.flatMap(([algorithm, field, length]) => {
    const hex = file[field]?.toLowerCase()
    return hex !== undefined && hex.length === length && /^[0-9a-f]+$/.test(hex) ? [[algorithm, hex] as const] : []
  })
  return Object.fromEntries(found)
}

/** The facts of what is read: its own size, whatever the option shows in listings. */
export function readFacts(showing: Showing, item: DriveItem): Facts {
  const { kind, name } = item.facts
  if (kind === 'directory') throw new TypeError('A folder is not read.')
  return { ...fileFacts({ ...showing, size_as_quota: false }, item.file, item.format), name }
}
