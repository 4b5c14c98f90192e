import { getAbout } from './about.ts'
import { getStartPageToken, listChanges } from './changes.ts'
import { getDrive, listDrives } from './drives.ts'
import type { Answer, Exchange } from './exchange.ts'
import { copyFile, deleteFile, emptyTrash, exportByLink, exportFile, generateIds, getFile } from './files.ts'
import { listLabels, modifyLabels } from './label-calls.ts'
import { listFiles } from './listing.ts'
import { createPermission, deletePermission, getPermission, listPermissions, updatePermission } from './permissions.ts'
import { cancelUpload, continueUpload } from './resumable.ts'
import { deleteRevision, getRevision, listRevisions, updateRevision } from './revisions.ts'
import { createFile, updateFile, uploadNew, uploadOver } from './uploads.ts'
import { getOldFile } from './v2.ts'

/** One method of the API, named as in the discovery document: `files.get`. */
export interface Call {
  readonly name: string
  readonly method: string
  /** `{…}` stands for one percent-encoded segment. */
  readonly path: string
  readonly answer: (exchange: Exchange) => Answer | Promise<Answer>
  /** Short names of the scopes, any of which will do. None: the address is all that a client needs. */
  readonly scopes: string
  /** Names of the parameters: `?` after one that is true or false, `#` after one that is a number. */
  readonly parameters: string
}

const read = 'drive drive.appdata drive.appfolder drive.file drive.metadata drive.metadata.readonly drive.readonly'
const readPhotos = `${read} drive.photos.readonly drive.meet.readonly`
const readAll =
  'drive drive.file drive.metadata drive.metadata.readonly drive.readonly drive.photos.readonly drive.meet.readonly'
const write = 'drive drive.appdata drive.appfolder drive.file'
const share = 'drive drive.file'

const drives = 'supportsAllDrives? supportsTeamDrives?'
const items = `driveId teamDriveId includeItemsFromAllDrives? includeTeamDriveItems? ${drives}`
const shown = 'includeLabels includePermissionsForView'
const written = `${drives} ${shown} enforceSingleParent? keepRevisionForever? ocrLanguage`
const made = `${written} ignoreDefaultVisibility?`
const created = `${made} useContentAsIndexableText?`
const updated = `${written} addParents removeParents useContentAsIndexableText?`
const permitted = `${drives} useDomainAdminAccess?`
const permitting = `${permitted} enforceExpansiveAccess?`

const file = '/drive/v3/files/{fileId}'

const metadata: readonly Call[] = [
  {
    name: 'about.get',
    method: 'GET',
    path: '/drive/v3/about',
    answer: getAbout,
    scopes: `${read} drive.photos.readonly`,
    parameters: '',
  },
  {
    name: 'files.list',
    method: 'GET',
    path: '/drive/v3/files',
    answer: listFiles,
    scopes: readPhotos,
    parameters: `${items} ${shown} corpora corpus orderBy pageSize# pageToken q spaces`,
  },
  {
    name: 'files.create',
    method: 'POST',
    path: '/drive/v3/files',
    answer: createFile,
    scopes: write,
    parameters: created,
  },
  {
    name: 'files.emptyTrash',
    method: 'DELETE',
    path: '/drive/v3/files/trash',
    answer: emptyTrash,
    scopes: 'drive',
    parameters: 'driveId enforceSingleParent?',
  },
  {
    name: 'files.generateIds',
    method: 'GET',
    path: '/drive/v3/files/generateIds',
    answer: generateIds,
    scopes: write,
    parameters: 'count# space type',
  },
  {
    name: 'files.get',
    method: 'GET',
    path: file,
    answer: getFile,
    scopes: readPhotos,
    parameters: `acknowledgeAbuse? ${drives} ${shown}`,
  },
  {
    name: 'files.update',
    method: 'PATCH',
    path: file,
    answer: updateFile,
    scopes: `${write} drive.metadata drive.scripts`,
    parameters: updated,
  },
  {
    name: 'files.delete',
    method: 'DELETE',
    path: file,
    answer: deleteFile,
    scopes: write,
    parameters: `enforceSingleParent? ${drives}`,
  },
  {
    name: 'files.copy',
    method: 'POST',
    path: `${file}/copy`,
    answer: copyFile,
    scopes: `${write} drive.photos.readonly`,
    parameters: `${made} copyComments?`,
  },
  {
    name: 'files.export',
    method: 'GET',
    path: `${file}/export`,
    answer: exportFile,
    scopes: 'drive drive.file drive.readonly drive.meet.readonly',
    parameters: 'mimeType',
  },
  {
    name: 'files.listLabels',
    method: 'GET',
    path: `${file}/listLabels`,
    answer: listLabels,
    scopes: 'drive drive.file drive.metadata drive.metadata.readonly drive.readonly drive.meet.readonly',
    parameters: 'maxResults# pageToken',
  },
  {
    name: 'files.modifyLabels',
    method: 'POST',
    path: `${file}/modifyLabels`,
    answer: modifyLabels,
    scopes: 'drive drive.file drive.metadata',
    parameters: '',
  },
  {
    name: 'revisions.list',
    method: 'GET',
    path: `${file}/revisions`,
    answer: listRevisions,
    scopes: readPhotos,
    parameters: 'pageSize# pageToken',
  },
  {
    name: 'revisions.get',
    method: 'GET',
    path: `${file}/revisions/{revisionId}`,
    answer: getRevision,
    scopes: readPhotos,
    parameters: 'acknowledgeAbuse?',
  },
  {
    name: 'revisions.update',
    method: 'PATCH',
    path: `${file}/revisions/{revisionId}`,
    answer: updateRevision,
    scopes: write,
    parameters: '',
  },
  {
    name: 'revisions.delete',
    method: 'DELETE',
    path: `${file}/revisions/{revisionId}`,
    answer: deleteRevision,
    scopes: write,
    parameters: '',
  },
  {
    name: 'permissions.list',
    method: 'GET',
    path: `${file}/permissions`,
    answer: listPermissions,
    scopes: readAll,
    parameters: `${permitted} includePermissionsForView pageSize# pageToken`,
  },
  {
    name: 'permissions.create',
    method: 'POST',
    path: `${file}/permissions`,
    answer: createPermission,
    scopes: share,
    parameters: `${permitting} emailMessage enforceSingleParent? moveToNewOwnersRoot? sendNotificationEmail? transferOwnership?`,
  },
  {
    name: 'permissions.get',
    method: 'GET',
    path: `${file}/permissions/{permissionId}`,
    answer: getPermission,
    scopes: readAll,
    parameters: permitted,
  },
  {
    name: 'permissions.update',
    method: 'PATCH',
    path: `${file}/permissions/{permissionId}`,
    answer: updatePermission,
    scopes: share,
    parameters: `${permitting} removeExpiration? transferOwnership?`,
  },
  {
    name: 'permissions.delete',
    method: 'DELETE',
    path: `${file}/permissions/{permissionId}`,
    answer: deletePermission,
    scopes: share,
    parameters: permitting,
  },
  {
    name: 'changes.getStartPageToken',
    method: 'GET',
    path: '/drive/v3/changes/startPageToken',
    answer: getStartPageToken,
    scopes: readPhotos,
    parameters: `driveId teamDriveId ${drives}`,
  },
  {
    name: 'changes.list',
    method: 'GET',
    path: '/drive/v3/changes',
    answer: listChanges,
    scopes: readPhotos,
    parameters: `${items} ${shown} includeCorpusRemovals? includeRemoved? pageSize# pageToken restrictToMyDrive? spaces`,
  },
  {
    name: 'drives.list',
    method: 'GET',
    path: '/drive/v3/drives',
    answer: listDrives,
    scopes: 'drive drive.readonly',
    parameters: 'pageSize# pageToken q useDomainAdminAccess?',
  },
  {
    name: 'drives.get',
    method: 'GET',
    path: '/drive/v3/drives/{driveId}',
    answer: getDrive,
    scopes: 'drive drive.readonly',
    parameters: 'useDomainAdminAccess?',
  },
  {
    name: 'v2.files.get',
    method: 'GET',
    path: '/drive/v2/files/{fileId}',
    answer: getOldFile,
    scopes: readPhotos,
    parameters: `acknowledgeAbuse? ${drives} ${shown} projection revisionId source updateViewedDate?`,
  },
  {
    name: 'exportLinks',
    method: 'GET',
    path: '/feeds/download/{kind}/export/Export',
    answer: exportByLink,
    scopes: 'drive drive.file drive.readonly drive.meet.readonly',
    parameters: 'id exportFormat resourcekey',
  },
]

/** Both paths of the discovery document's media upload protocols. */
const uploads = ['/upload/drive/v3/files', '/resumable/upload/drive/v3/files'].flatMap((path): Call[] => [
  { name: 'files.create', method: 'POST', path, answer: uploadNew, scopes: write, parameters: created },
  {
    name: 'files.update',
    method: 'PATCH',
    path: `${path}/{fileId}`,
    answer: uploadOver,
    scopes: write,
    parameters: updated,
  },
  ...[path, `${path}/{fileId}`].flatMap((session): Call[] => [
    { name: 'upload.continue', method: 'PUT', path: session, answer: continueUpload, scopes: '', parameters: updated },
    { name: 'upload.cancel', method: 'DELETE', path: session, answer: cancelUpload, scopes: '', parameters: updated },
  ]),
])

/** Those with a word where others have an id come first. */
export const calls: readonly Call[] = [...metadata, ...uploads]

/** Of every method, and of uploads. */
export const commonParameters = [
  '$.xgafv',
  'access_token',
  'alt',
  'callback',
  'fields',
  'key',
  'oauth_token',
  'prettyPrint',
  'quotaUser',
  'uploadType',
  'upload_protocol',
  'upload_id',
]
