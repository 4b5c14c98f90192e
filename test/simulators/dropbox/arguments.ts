import {
  Invalid,
  integer,
  list,
  maybe,
  needed,
  nothing,
  nullArgument,
  otherwise,
  struct,
  text,
  timestamp,
  truth,
  type Type,
  uint64,
  union,
  type ValueOf,
} from './stone.ts'

// Names and bounds are those of files.stone, sharing.stone, team.stone and common.stone.

const nameSpace = '(ns:[0-9]+(/(.|[\\r\\n])*)?)'
const refusing = (pattern: string, refused: readonly string[], reason: string): Type<string> => {
  const check = text({ pattern })
  return (value) => {
    if (typeof value === 'string' && refused.includes(value)) throw new Invalid(reason)
    return check(value)
  }
}

const unrooted = (pattern: string): Type<string> => refusing(pattern, ['', '/'], 'The root folder is unsupported.')
const readPath = unrooted(`(/(.|[\\r\\n])*|id:.*)|(rev:[0-9a-f]{9,})|${nameSpace}`)
const writePath = unrooted(`(/(.|[\\r\\n])*)|${nameSpace}`)
const writePathOrId = unrooted(`(/(.|[\\r\\n])*)|${nameSpace}|(id:.*)`)
const pathOrId = unrooted(`/(.|[\\r\\n])*|id:.*|${nameSpace}`)
const pathOrRootOrId = refusing(
  `(/(.|[\\r\\n])*)?|id:.*|${nameSpace}`,
  ['/'],
  'Specify the root folder as an empty string rather than as "/".',
)
const rev = text({ least: 9, pattern: '[0-9a-f]+' })
const hash = text({ least: 64, most: 64 })
const sharedFolderId = text({ pattern: '[-_0-9a-zA-Z:]+' })

const writeMode = union({ add: nothing, overwrite: nothing, update: rev })

const commitFields = {
  path: needed(writePathOrId),
  mode: otherwise(writeMode, { tag: 'add', value: undefined }),
  autorename: otherwise(truth, false),
  client_modified: maybe(timestamp),
  mute: otherwise(truth, false),
  strict_conflict: otherwise(truth, false),
} as const
const commitInfo = struct(commitFields)
export type CommitInfo = ValueOf<typeof commitInfo>

const uploadCursor = struct({ session_id: needed(text()), offset: needed(uint64) })
export type UploadCursor = ValueOf<typeof uploadCursor>
const finish = struct({ cursor: needed(uploadCursor), commit: needed(commitInfo), content_hash: maybe(hash) })
export type FinishArgument = ValueOf<typeof finish>

const listFolder = struct({
  path: needed(pathOrRootOrId),
  recursive: otherwise(truth, false),
  include_media_info: otherwise(truth, false),
  include_deleted: otherwise(truth, false),
  include_has_explicit_shared_members: otherwise(truth, false),
  include_mounted_folders: otherwise(truth, true),
  limit: maybe(integer(1, 2000)),
  include_non_downloadable_files: otherwise(truth, true),
  include_restorable_info: otherwise(truth, false),
})
export type ListFolderArgument = ValueOf<typeof listFolder>

const relocation = struct({
  from_path: needed(writePathOrId),
  to_path: needed(writePathOrId),
  allow_shared_folder: otherwise(truth, false),
  autorename: otherwise(truth, false),
  allow_ownership_transfer: otherwise(truth, false),
})
export type RelocationArgument = ValueOf<typeof relocation>

const deletion = struct({ path: needed(writePathOrId), parent_rev: maybe(rev) })
const readable = struct({ path: needed(readPath), rev: maybe(rev) })
const sharedLink = struct({
  url: needed(text()),
  path: maybe(text({ pattern: '/(.|[\\r\\n])*' })),
  link_password: maybe(text()),
})
export type SharedLinkArgument = ValueOf<typeof sharedLink>

const linkSettings = struct({
  require_password: maybe(truth),
  link_password: maybe(text()),
  expires: maybe(timestamp),
  audience: maybe(union({ public: nothing, team: nothing, no_one: nothing, password: nothing, members: nothing })),
  access: maybe(union({ viewer: nothing, editor: nothing, max: nothing, default: nothing })),
  requested_visibility: maybe(union({ public: nothing, team_only: nothing, password: nothing })),
  allow_download: maybe(truth),
})
export type LinkSettings = ValueOf<typeof linkSettings>

const cursorOnly = struct({ cursor: needed(text({ least: 1 })) })

export const argumentTypes = {
  none: nullArgument,
  listFolder,
  cursor: cursorOnly,
  longpoll: struct({ cursor: needed(text({ least: 1 })), timeout: otherwise(integer(30, 480), 30) }),
  metadata: struct({
    path: needed(readPath),
    include_media_info: otherwise(truth, false),
    include_deleted: otherwise(truth, false),
    include_has_explicit_shared_members: otherwise(truth, false),
  }),
  createFolder: struct({ path: needed(writePath), autorename: otherwise(truth, false) }),
  deletion,
  relocation,
  revisions: struct({
    path: needed(pathOrId),
    mode: otherwise(union({ path: nothing, id: nothing }), { tag: 'path', value: undefined }),
    limit: otherwise(integer(1, 100), 10),
    before_rev: maybe(rev),
    include_restorable_info: otherwise(truth, false),
  }),
  restore: struct({ path: needed(writePath), rev: needed(rev) }),
  readable,
  export: struct({ path: needed(readPath), export_format: maybe(text()) }),
  temporaryLink: struct({ path: needed(readPath) }),
  upload: struct({ ...commitFields, content_hash: maybe(hash) }),
  sessionStart: struct({
    close: otherwise(truth, false),
    session_type: maybe(union({ sequential: nothing, concurrent: nothing })),
    content_hash: maybe(hash),
  }),
  sessionAppend: struct({ cursor: needed(uploadCursor), close: otherwise(truth, false), content_hash: maybe(hash) }),
  finish,
  finishBatch: struct({ entries: needed(list(finish, 1000)) }),
  poll: struct({ async_job_id: needed(text({ least: 1 })) }),
  createLink: struct({ path: needed(readPath), settings: maybe(linkSettings) }),
  listLinks: struct({ path: maybe(readPath), cursor: maybe(text()), direct_only: maybe(truth) }),
  sharedLink,
  modifyLink: struct({
    url: needed(text()),
    settings: needed(linkSettings),
    remove_expiration: otherwise(truth, false),
  }),
  revokeLink: struct({ url: needed(text()) }),
  listFolders: struct({ limit: otherwise(integer(1, 1000), 1000), actions: maybe(list(union({}))) }),
  mountFolder: struct({ shared_folder_id: needed(sharedFolderId) }),
  listReceived: struct({ limit: otherwise(integer(1, 300), 100), actions: maybe(list(union({}))) }),
  membersInfo: struct({
    members: needed(
      list(union({ team_member_id: text(), external_id: text({ most: 64 }), email: text({ most: 255 }) })),
    ),
  }),
} as const

export type ArgumentName = keyof typeof argumentTypes
export type ArgumentOf<Name extends ArgumentName> = ValueOf<(typeof argumentTypes)[Name]>

/** In the header Dropbox-API-Path-Root. */
export const pathRootType = union({ home: nothing, root: sharedFolderId, namespace_id: sharedFolderId })
