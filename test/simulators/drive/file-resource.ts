import { digestOf } from '../cloud-tree/digest-of.ts'
import { currentRevision, type Item, sizeOf } from '../cloud-tree/item.ts'
import { type Caller, effectiveGrants, type Grant, ranks, roleOf } from './access.ts'
import { exportFormats, exportNames } from './documents.ts'
import { capabilitiesOf } from './file-capabilities.ts'
import { labelResource } from './labels.ts'
import {
  driveOf,
  folderType,
  isDocument,
  type Notes,
  notesOf,
  type Simulation,
  typeOf,
  type User,
  userOf,
} from './simulation.ts'

/** RFC 3339 in UTC with milliseconds. */
export const timeText = (time: number): string => new Date(time).toISOString()

export const userResource = ({ displayName, permissionId, email }: User, me: string): object => ({
  kind: 'drive#user',
  displayName,
  me: email === me,
  permissionId,
  emailAddress: email,
})

const someone = (simulation: Simulation, email: string, { email: me }: Caller): object =>
  userResource(userOf(simulation, email), me)

/** Bytes that count against the quota: those of the newest revision, and of those that are kept for ever. */
export const quotaBytes = (item: Item): number =>
  item.revisions
    .filter((revision) => revision === currentRevision(item) || revision.facts.keepForever === true)
    .reduce((sum, { bytes }) => sum + bytes.length, 0)

/** The resource `files` with every member that this caller could ask for. */
export function fileResource(
  simulation: Simulation,
  caller: Caller,
  item: Item,
  labels: readonly string[] = [],
): object {
  const { tree } = simulation
  const notes = notesOf(simulation, item.id)
  const drive = driveOf(simulation, item.id)
  const role = roleOf(simulation, caller, item) ?? 'reader'
  const type = typeOf(item)
  const visibleParents = item.parents.filter((parent) => roleOf(simulation, caller, tree.need(parent)))
  return {
    kind: 'drive#file',
    id: item.id,
    name: drive?.id === item.id ? 'Drive' : item.name,
    mimeType: type,
    description: notes.description,
    starred: notes.starredBy.includes(caller.email),
    trashed: tree.isTrashed(item.id),
    explicitlyTrashed: item.trashed,
    ...(item.trashed &&
      drive && {
        trashedTime: item.trashedAt === undefined ? undefined : timeText(item.trashedAt),
        trashingUser: someone(simulation, notes.lastModifier, caller),
      }),
    parents: visibleParents.length > 0 ? visibleParents : undefined,
    properties: someMembers(notes.properties),
    appProperties: someMembers(notes.appProperties),
    spaces: [spaceOf(simulation, item)],
    version: String(item.sequence),
    createdTime: timeText(item.created),
    modifiedTime: timeText(item.modified),
    modifiedByMe: notes.lastModifier === caller.email,
    modifiedByMeTime: notes.lastModifier === caller.email ? timeText(item.modified) : undefined,
    viewedByMe: notes.viewedByMeTime !== undefined,
    viewedByMeTime: notes.viewedByMeTime === undefined ? undefined : timeText(notes.viewedByMeTime),
    lastModifyingUser: someone(simulation, notes.lastModifier, caller),
    ...sharingMembers(simulation, caller, item, notes),
    resourceKey: notes.resourceKey,
    driveId: drive?.id,
    teamDriveId: drive?.id,
    capabilities: capabilitiesOf(item, role, {
      isInDrive: drive !== undefined,
      isTrashed: tree.isTrashed(item.id),
      notes,
    }),
    copyRequiresWriterPermission: notes.copyRequiresWriterPermission,
    viewersCanCopyContent: !notes.copyRequiresWriterPermission,
    writersCanShare: drive ? undefined : notes.writersCanShare,
    isAppAuthorized: notes.byApp,
    hasThumbnail: false,
    thumbnailVersion: '0',
    folderColorRgb: type === folderType ? (notes.folderColorRgb ?? '#8f8f8f') : undefined,
    quotaBytesUsed: String(quotaBytes(item)),
    iconLink: `https://drive-thirdparty.googleusercontent.com/16/type/${type}`,
    webViewLink: webViewLink(item, notes),
    ...contentMembers(item, notes),
    ...(notes.shortcut && { shortcutDetails: shortcutDetails(simulation, notes.shortcut) }),
    ...(labels.length > 0 && { labelInfo: { labels: labelsOf(notes, labels) } }),
  }
}

const someMembers = (members: Readonly<Record<string, string>>): object | undefined =>
  Object.keys(members).length > 0 ? members : undefined

const labelsOf = (notes: Notes, wanted: readonly string[]): object[] =>
  [...notes.labels].filter(([id]) => wanted.includes(id)).map(([id, values]) => labelResource(id, values))

export function spaceOf(simulation: Simulation, item: Item): string {
  const root = simulation.tree.rootOf(item.id)
  const isApp = [...simulation.users.values()].some(({ appRoot }) => appRoot === root)
  return isApp ? 'appDataFolder' : notesOf(simulation, item.id).space
}

function shortcutDetails(simulation: Simulation, shortcut: NonNullable<Notes['shortcut']>): object {
  const target = simulation.notes.get(shortcut.targetId)
  return { ...shortcut, targetResourceKey: target?.resourceKey }
}

/** Who else has it; items of shared drives tell nothing of this. */
function sharingMembers(simulation: Simulation, caller: Caller, item: Item, notes: Notes): object {
  const grants = effectiveGrants(simulation, item)
  if (driveOf(simulation, item.id)) return { hasAugmentedPermissions: notes.permissions.length > 0 }
  const role = roleOf(simulation, caller, item)
  const mine = notes.permissions.find(({ emailAddress }) => emailAddress === caller.email)
  const canShare = role !== undefined && ranks[role] >= ranks.writer
  const isOwner = notes.owner === caller.email
  return {
    shared: grants.length > 1,
    ownedByMe: isOwner,
    owners: notes.owner === undefined ? [] : [someone(simulation, notes.owner, caller)],
    ...(mine &&
      !isOwner && { sharedWithMeTime: timeText(mine.time), sharingUser: someone(simulation, mine.by, caller) }),
    ...(canShare && {
      permissionIds: grants.map(({ permission }) => permission.id),
      permissions: grants.map((grant) => permissionResource(simulation, grant, item)),
    }),
  }
}

export function permissionResource(simulation: Simulation, { permission, on }: Grant, item: Item): object {
  const { id, type, role, emailAddress, domain, allowFileDiscovery, expirationTime } = permission
  const drive = driveOf(simulation, item.id)
  const inherited = on !== item.id
  const permissionType = on === drive?.id ? 'member' : 'file'
  return {
    kind: 'drive#permission',
    id,
    type,
    role,
    emailAddress,
    domain,
    displayName:
      emailAddress === undefined
        ? domain
        : type === 'user'
          ? userOf(simulation, emailAddress).displayName
          : emailAddress,
    allowFileDiscovery: type === 'domain' || type === 'anyone' ? (allowFileDiscovery ?? false) : undefined,
    expirationTime,
    deleted: type === 'user' || type === 'group' ? false : undefined,
    pendingOwner: type === 'user' && !drive ? false : undefined,
    permissionDetails: drive
      ? [{ permissionType, role, inherited, inheritedFrom: inherited ? on : undefined }]
      : [{ permissionType: 'file', role, inherited }],
  }
}

/** What only files with bytes, and what only Google documents have. */
function contentMembers(item: Item, notes: Notes): object {
  const revision = currentRevision(item)
  if (isDocument(item)) {
    return { size: String(notes.document?.length ?? 0), exportLinks: exportLinks(item), hasThumbnail: false }
  }
  if (!revision) return {}
  const { bytes } = revision
  const hex = (name: 'md5' | 'sha1' | 'sha256'): string => digestOf(bytes, name).toString('hex')
  const [, full = ''] = /^.[^.]*\.(.+)$/s.exec(item.name) ?? []
  return {
    size: String(sizeOf(item)),
    md5Checksum: hex('md5'),
    sha1Checksum: hex('sha1'),
    sha256Checksum: hex('sha256'),
    headRevisionId: revision.id,
    originalFilename: notes.originalFilename ?? item.name,
    fullFileExtension: full,
    fileExtension: full.split('.').at(-1),
    webContentLink: `https://drive.google.com/uc?id=${item.id}&export=download`,
  }
}

export function exportLinks(item: Item): Record<string, string> {
  const kind = typeOf(item).split('.').at(-1) ?? ''
  const formats = exportFormats[typeOf(item)] ?? []
  return Object.fromEntries(
    formats.map((format) => {
      const query = new URLSearchParams({ id: item.id, exportFormat: exportNames[format] ?? 'bin' })
      return [format, `https://docs.google.com/feeds/download/${kind}s/export/Export?${query.toString()}`]
    }),
  )
}

function webViewLink(item: Item, notes: Notes): string {
  const key = notes.resourceKey === undefined ? '' : `&resourcekey=${notes.resourceKey}`
  if (typeOf(item) === folderType) return `https://drive.google.com/drive/folders/${item.id}${key.replace('&', '?')}`
  if (!isDocument(item)) return `https://drive.google.com/file/d/${item.id}/view?usp=drivesdk${key}`
  return `https://docs.google.com/${typeOf(item).split('.').at(-1)}/d/${item.id}/edit?usp=drivesdk${key}`
}
