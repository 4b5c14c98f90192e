import { parseFields, selectFields } from '../gcs/partial-response.ts'
import { invalidParameter } from './drive-error.ts'

/** The members of a resource: `*` is anything below, `{}` nothing. From the discovery document of Drive v3. */
interface Members {
  readonly [name: string]: Members | '*'
}

const leaves = (names: string): Members => Object.fromEntries(names.split(' ').map((name) => [name, {}]))

const user = leaves('displayName emailAddress kind me permissionId photoLink')

const permission: Members = {
  ...leaves(
    'allowFileDiscovery deleted displayName domain emailAddress expirationTime id inheritedPermissionsDisabled',
  ),
  ...leaves('kind pendingOwner photoLink role type view'),
  permissionDetails: leaves('inherited inheritedFrom permissionType role'),
  teamDrivePermissionDetails: leaves('inherited inheritedFrom role teamDrivePermissionType'),
}

const label: Members = { ...leaves('id kind revisionId'), fields: '*' }

const drive: Members = {
  ...leaves('backgroundImageLink colorRgb createdTime hidden id kind name orgUnitId themeId'),
  backgroundImageFile: leaves('id width xCoordinate yCoordinate'),
  capabilities: '*',
  restrictions: '*',
}

const file: Members = {
  ...leaves('copyRequiresWriterPermission createdTime description driveId explicitlyTrashed fileExtension'),
  ...leaves('folderColorRgb fullFileExtension hasAugmentedPermissions hasThumbnail headRevisionId iconLink id'),
  ...leaves('inheritedPermissionsDisabled isAppAuthorized kind md5Checksum mimeType modifiedByMe modifiedByMeTime'),
  ...leaves('modifiedTime name originalFilename ownedByMe parents permissionIds quotaBytesUsed resourceKey'),
  ...leaves('sha1Checksum sha256Checksum shared sharedWithMeTime size spaces starred teamDriveId thumbnailLink'),
  ...leaves('thumbnailVersion trashed trashedTime version viewedByMe viewedByMeTime viewersCanCopyContent'),
  ...leaves('webContentLink webViewLink writersCanShare'),
  appProperties: '*',
  capabilities: '*',
  clientEncryptionDetails: '*',
  contentHints: '*',
  contentRestrictions: '*',
  downloadRestrictions: '*',
  exportLinks: '*',
  imageMediaMetadata: '*',
  labelInfo: { labels: label },
  lastModifyingUser: user,
  linkShareMetadata: leaves('securityUpdateEligible securityUpdateEnabled'),
  owners: user,
  permissions: permission,
  properties: '*',
  sharingUser: user,
  shortcutDetails: leaves('targetId targetMimeType targetResourceKey'),
  trashingUser: user,
  videoMediaMetadata: leaves('durationMillis height width'),
}

const revision: Members = {
  ...leaves('id keepForever kind md5Checksum mimeType modifiedTime originalFilename publishAuto published'),
  ...leaves('publishedLink publishedOutsideDomain size'),
  exportLinks: '*',
  lastModifyingUser: user,
}

const change: Members = {
  ...leaves('changeType driveId fileId kind removed teamDriveId time type'),
  drive,
  file,
  teamDrive: '*',
}

const theme = leaves('backgroundImageLink colorRgb id')

const about: Members = {
  ...leaves('appInstalled canCreateDrives canCreateTeamDrives folderColorPalette kind maxUploadSize'),
  driveThemes: theme,
  exportFormats: '*',
  importFormats: '*',
  maxImportSizes: '*',
  storageQuota: leaves('limit usage usageInDrive usageInDriveTrash'),
  teamDriveThemes: theme,
  user,
}

const list = (name: string, members: Members, more = 'kind nextPageToken'): Members => ({
  ...leaves(more),
  [name]: members,
})

const resources = {
  about,
  file,
  fileList: list('files', file, 'kind nextPageToken incompleteSearch'),
  change: list('changes', change, 'kind nextPageToken newStartPageToken'),
  revision,
  revisionList: list('revisions', revision),
  permission,
  permissionList: list('permissions', permission),
  drive,
  driveList: list('drives', drive),
  labelList: list('labels', label),
  modifiedLabels: { ...leaves('kind'), modifiedLabels: label },
  generatedIds: leaves('ids kind space'),
  startPageToken: leaves('kind startPageToken'),
  /** Of v2, the part that is simulated. */
  oldFile: leaves('id kind title mimeType fileSize downloadUrl md5Checksum etag'),
} satisfies Record<string, Members>

export type ResourceName = keyof typeof resources

const fileDefault = 'kind,id,name,mimeType,driveId,teamDriveId,resourceKey'

/** What is shown to those who do not say `fields`. Resources that are not here are shown whole. */
const defaults: Partial<Readonly<Record<ResourceName, string>>> = {
  file: fileDefault,
  fileList: `kind,incompleteSearch,nextPageToken,files(${fileDefault})`,
  change: `kind,nextPageToken,newStartPageToken,changes(kind,removed,fileId,time,type,changeType,driveId,teamDriveId,file(${fileDefault}),drive(kind,id,name))`,
  revision: 'kind,id,mimeType,modifiedTime',
  revisionList: 'kind,nextPageToken,revisions(kind,id,mimeType,modifiedTime)',
  permission: 'kind,id,type,role',
  permissionList: 'kind,nextPageToken,permissions(kind,id,type,role)',
  drive: 'kind,id,name',
  driveList: 'kind,nextPageToken,drives(kind,id,name)',
}

type Selection = ReturnType<typeof parseFields>

function check(selection: Selection, members: Members, fields: string): void {
  for (const [name, below] of selection) {
    if (name === '*') continue
    const member = Object.hasOwn(members, name) ? members[name] : undefined
    if (member === undefined) throw invalidParameter('fields', `Invalid field selection ${name}`)
    if (member !== '*') check(below, member, fields)
  }
}

/** Only what `fields` selects; without it, the members that the service shows by itself. */
export function partial(resource: ResourceName, value: unknown, fields: string | null): unknown {
  const said = fields === null || fields === '' ? defaults[resource] : fields
  if (said === undefined) return value
  const selection = parseFields(said)
  check(selection, resources[resource], said)
  return selectFields(value, selection)
}

/** Whether the resource `files` has a member of that name. */
export const isFileMember = (name: string): boolean => Object.hasOwn(file, name)
