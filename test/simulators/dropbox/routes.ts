import { type ArgumentName, type ArgumentOf, argumentTypes } from './arguments.ts'
import type { Call, Download } from './call.ts'
import { download, exportFile, getTemporaryLink } from './download.ts'
import { createFolder, deleteForGood, deletePath, getMetadata } from './folders.ts'
import { createLink, getLinkFile, getLinkMetadata, listLinks, modifyLink, revokeLink } from './links.ts'
import { continueListing, latestCursor, listFolder, longpoll } from './list-folder.ts'
import { copy, move } from './relocate.ts'
import { listRevisions, restore } from './revisions.ts'
import { continueFolders, continueReceived, listFolders, listReceived, mountFolder } from './shared-folders.ts'
import { appendToSession, checkBatch, finishBatch, finishSession, launchBatch, startSession, upload } from './upload.ts'
import { currentAccount, membersInfo, spaceUsage } from './users.ts'

export type RouteHost = 'api' | 'content' | 'notify'
export type RouteAuth = 'user' | 'team' | 'noauth' | 'app, user'

/** A line of the contract: the attributes of a route in the Stone files. */
export interface ApiRoute {
  readonly name: string
  readonly auth: RouteAuth
  readonly host: RouteHost
  readonly style: 'rpc' | 'upload' | 'download'
  readonly scope: string | null
  /** Who may come in with Dropbox-API-Select-Admin. */
  readonly admin: 'whole_team' | 'team_admin' | undefined
  readonly accounts: 'all' | 'team'
  /** @throws Invalid */
  readonly readArgument: (value: unknown) => unknown
  readonly run: (call: Call, argument: unknown) => unknown
}

interface Attributes {
  readonly auth?: RouteAuth
  readonly host?: RouteHost
  readonly style?: ApiRoute['style']
  readonly scope: string | null
  readonly admin?: ApiRoute['admin']
  readonly accounts?: ApiRoute['accounts']
}

function route<Name extends ArgumentName>(
  name: string,
  argument: Name,
  attributes: Attributes,
  run: (call: Call, argument: ArgumentOf<Name>) => unknown,
): ApiRoute {
  const { auth = 'user', host = 'api', style = 'rpc', scope, admin, accounts = 'all' } = attributes
  return {
    name,
    auth,
    host,
    style,
    scope,
    admin,
    accounts,
    readArgument: argumentTypes[argument],
    // Its argument was read by its own type just before.
    run: (call, read) => run(call, read as ArgumentOf<Name>),
  }
}

const metadataRead = { scope: 'files.metadata.read', admin: 'whole_team' } as const
const contentRead = { scope: 'files.content.read', admin: 'whole_team' } as const
const contentWrite = { scope: 'files.content.write', admin: 'team_admin' } as const
const uploading = { ...contentWrite, host: 'content', style: 'upload' } as const
const downloading = { ...contentRead, host: 'content', style: 'download' } as const
const sharingRead = { scope: 'sharing.read' } as const
const sharingWrite = { scope: 'sharing.write' } as const

export const routes: readonly ApiRoute[] = [
  route('files/list_folder', 'listFolder', { ...metadataRead, auth: 'app, user' }, listFolder),
  route('files/list_folder/continue', 'cursor', { ...metadataRead, auth: 'app, user' }, continueListing),
  route('files/list_folder/get_latest_cursor', 'listFolder', metadataRead, latestCursor),
  route('files/list_folder/longpoll', 'longpoll', { ...metadataRead, auth: 'noauth', host: 'notify' }, longpoll),
  route('files/get_metadata', 'metadata', metadataRead, getMetadata),
  route('files/list_revisions', 'revisions', metadataRead, listRevisions),
  route('files/create_folder_v2', 'createFolder', contentWrite, createFolder),
  route('files/delete_v2', 'deletion', contentWrite, deletePath),
  route(
    'files/permanently_delete',
    'deletion',
    { scope: 'files.permanent_delete', admin: 'team_admin', accounts: 'team' },
    deleteForGood,
  ),
  route('files/move_v2', 'relocation', contentWrite, move),
  route('files/copy_v2', 'relocation', contentWrite, copy),
  route('files/restore', 'restore', contentWrite, restore),
  route('files/download', 'readable', downloading, download),
  route('files/export', 'export', downloading, exportFile),
  route('files/get_temporary_link', 'temporaryLink', { scope: 'files.content.read' }, getTemporaryLink),
  route('files/upload', 'upload', uploading, upload),
  route('files/upload_session/start', 'sessionStart', uploading, startSession),
  route('files/upload_session/append_v2', 'sessionAppend', uploading, appendToSession),
  route('files/upload_session/finish', 'finish', uploading, finishSession),
  route('files/upload_session/finish_batch_v2', 'finishBatch', contentWrite, finishBatch),
  route('files/upload_session/finish_batch', 'finishBatch', contentWrite, launchBatch),
  route('files/upload_session/finish_batch/check', 'poll', contentWrite, checkBatch),
  route('users/get_current_account', 'none', { scope: 'account_info.read', admin: 'whole_team' }, currentAccount),
  route('users/get_space_usage', 'none', { scope: 'account_info.read' }, spaceUsage),
  route('sharing/create_shared_link_with_settings', 'createLink', { ...sharingWrite, admin: 'team_admin' }, createLink),
  route('sharing/list_shared_links', 'listLinks', { ...sharingRead, admin: 'whole_team' }, listLinks),
  route('sharing/get_shared_link_metadata', 'sharedLink', { ...sharingRead, auth: 'app, user' }, getLinkMetadata),
  route(
    'sharing/get_shared_link_file',
    'sharedLink',
    { ...sharingRead, auth: 'app, user', host: 'content', style: 'download' },
    (call, argument): Download => getLinkFile(call, argument),
  ),
  route('sharing/modify_shared_link_settings', 'modifyLink', { ...sharingWrite, admin: 'team_admin' }, modifyLink),
  route('sharing/revoke_shared_link', 'revokeLink', { ...sharingWrite, admin: 'team_admin' }, revokeLink),
  route('sharing/list_folders', 'listFolders', sharingRead, listFolders),
  route('sharing/list_folders/continue', 'cursor', sharingRead, continueFolders),
  route('sharing/mount_folder', 'mountFolder', sharingWrite, mountFolder),
  route('sharing/list_received_files', 'listReceived', { ...sharingRead, admin: 'team_admin' }, listReceived),
  route('sharing/list_received_files/continue', 'cursor', sharingRead, continueReceived),
  route('team/members/get_info', 'membersInfo', { auth: 'team', scope: 'members.read' }, membersInfo),
]
