import { currentRevision, type Item } from '../cloud-tree/item.ts'
import { type Caller, findFolder, findItem, ranks, resolveAlias, roleOf } from './access.ts'
import { importFormats } from './documents.ts'
import {
  badRequest,
  DriveError,
  fileNotFound,
  forbidden,
  insufficientFilePermissions,
  notWritable,
} from './drive-error.ts'
import { type Exchange, fileOf, idsParameter, isTrue, supportsAllDrives } from './exchange.ts'
import type { FileBody } from './file-body.ts'
import {
  driveOf,
  folderType,
  isDocument,
  newId,
  type Notes,
  notesOf,
  shortcutType,
  type Simulation,
  typeOf,
} from './simulation.ts'

export interface Media {
  readonly bytes: Buffer
  readonly contentType: string | undefined
}

/** Does what was planned, with the bytes once they are there. */
export type Commit = (media: Media | undefined) => Item

const googleType = 'application/vnd.google-apps.'
const octets = 'application/octet-stream'

/** Everything of `files.create` that can be refused before the bytes come. */
export function planCreate(exchange: Exchange, body: FileBody): Commit {
  const { simulation, caller, query } = exchange
  const finding = { supportsAllDrives: supportsAllDrives(query) }
  const [parent = 'root', ...more] = body.parents ?? []
  if (more.length > 0) throw badRequest('A file cannot be created in more than one folder.')
  const folder = findFolder(simulation, caller, parent, finding)
  checkRoom(simulation, folder)
  checkId(simulation, body.id)
  if (body.trashed) throw notWritable()
  const shortcut = shortcutOf(simulation, caller, body, finding)
  return (media) => {
    const { tree } = simulation
    const type = body.mimeType ?? media?.contentType ?? octets
    const name = body.name ?? 'Untitled'
    const { id = newId.file(), createdTime: created, modifiedTime: modified = created } = body
    const fields = { id, name, parents: [folder.id], created, modified }
    if (type === folderType && media) throw badRequest('A folder has no content.')
    const document = documentOf(type, media)
    const isBlob = type !== folderType && !shortcut && document === undefined
    const item =
      type === folderType
        ? tree.addFolder(fields)
        : tree.addFile({ ...fields, contentType: type, ...(isBlob && { bytes: media?.bytes ?? Buffer.alloc(0) }) })
    const notes = notesOf(simulation, item.id)
    notes.owner = driveOf(simulation, item.id) ? undefined : caller.email
    notes.byApp = true
    notes.shortcut = shortcut
    notes.document = document
    note(notes, body, caller)
    return keepForever(simulation, item, query)
  }
}

/** The item's description apart from what the tree knows. */
function note(notes: Notes, body: FileBody, { email }: Caller): void {
  const { description, folderColorRgb, originalFilename, copyRequiresWriterPermission, writersCanShare } = body
  notes.lastModifier = email
  notes.description = description ?? notes.description
  notes.folderColorRgb = folderColorRgb ?? notes.folderColorRgb
  notes.originalFilename = originalFilename ?? notes.originalFilename
  notes.copyRequiresWriterPermission = copyRequiresWriterPermission ?? notes.copyRequiresWriterPermission
  notes.writersCanShare = writersCanShare ?? notes.writersCanShare
  notes.viewedByMeTime = body.viewedByMeTime ?? notes.viewedByMeTime
  notes.properties = mergePairs(notes.properties, body.properties)
  notes.appProperties = mergePairs(notes.appProperties, body.appProperties)
  if (body.starred !== undefined) {
    const others = notes.starredBy.filter((one) => one !== email)
    notes.starredBy = body.starred ? [...others, email] : others
  }
}

/** `null` takes a pair away. */
const mergePairs = (
  old: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string | null>> = {},
): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...old, ...change }).flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])),
  )

/** Ids of one's own have to come from `files.generateIds`. */
function checkId(simulation: Simulation, id: string | undefined): void {
  if (id === undefined) return
  if (simulation.tree.get(id)) throw new DriveError(409, 'fileIdInUse', 'A file already exists with the provided ID.')
  if (!simulation.generatedIds.has(id)) throw new DriveError(400, 'invalid', 'The provided file ID is not usable.')
}

/** Whether something more fits into the shared drive that a folder is in. */
export function checkRoom(simulation: Simulation, folder: Item): void {
  const drive = driveOf(simulation, folder.id)
  // The drive's own root is none of its files.
  if (drive && simulation.tree.below(drive.id).length > drive.fileLimit)
    throw forbidden('teamDriveFileLimitExceeded', 'The file limit for this shared drive has been exceeded.')
}

function shortcutOf(
  simulation: Simulation,
  caller: Caller,
  { mimeType, shortcutTarget }: FileBody,
  finding: { readonly supportsAllDrives: boolean },
): Notes['shortcut'] {
  if (mimeType !== shortcutType) {
    if (shortcutTarget !== undefined) throw notWritable()
    return undefined
  }
  if (shortcutTarget === undefined) throw badRequest('A shortcut needs shortcutDetails.targetId.')
  const target = findItem(simulation, caller, shortcutTarget, finding)
  if (typeOf(target) === shortcutType)
    throw forbidden('shortcutTargetInvalid', 'The shortcut target must not be a shortcut.')
  return { targetId: target.id, targetMimeType: typeOf(target) }
}

/** What a Google document says after this; `undefined` for everything that is none. */
function documentOf(type: string, media: Media | undefined): Uint8Array | undefined {
  if (!type.startsWith(googleType) || type === folderType || type === shortcutType) return undefined
  if (!media) return Buffer.alloc(0)
  const [from = octets] = (media.contentType ?? octets).split(';')
  if (!importFormats[from.trim().toLowerCase()]?.includes(type))
    throw badRequest(`The conversion from ${from} to ${type} is not supported.`)
  return media.bytes
}

function keepForever(simulation: Simulation, item: Item, query: URLSearchParams): Item {
  const revision = currentRevision(item)
  if (!isTrue(query, 'keepRevisionForever') || !revision) return item
  return simulation.tree.updateRevision(item.id, revision.id, { keepForever: true })
}

/** What everybody may change who sees a file: it is about themselves. */
const personal = new Set(['starred', 'viewedByMeTime', 'kind'])

/** Everything of `files.update` that can be refused before the bytes come. */
export function planUpdate(exchange: Exchange, body: FileBody): Commit {
  const { simulation, caller, query } = exchange
  const { tree } = simulation
  const isMove = query.has('addParents') || query.has('removeParents')
  const isPersonal = !isMove && body.said.size > 0 && [...body.said].every((name) => personal.has(name))
  const before = fileOf(exchange, { need: isPersonal ? 'reader' : 'writer' })
  if (body.parents !== undefined) {
    throw notWritable(
      'The parents field is not directly writable in update requests. Use the addParents and removeParents parameters instead.',
    )
  }
  if (body.id !== undefined && body.id !== before.id) throw notWritable()
  if (body.shortcutTarget !== undefined) throw notWritable()
  const isBlob = before.kind === 'file' && currentRevision(before) !== undefined
  if (body.mimeType !== undefined && body.mimeType !== typeOf(before) && !isBlob) throw notWritable()
  if (tree.roots.includes(before.id) && (isMove || body.name !== undefined || body.trashed))
    throw insufficientFilePermissions()
  if (body.trashed !== undefined && body.trashed !== before.trashed) checkTrash(simulation, caller, before)
  const parents = isMove ? parentsAfter(exchange, before) : undefined
  return (media) => {
    const renamed = body.name !== undefined && body.name !== before.name
    // A new name counts as a modification when the client does not say otherwise.
    const modified = body.modifiedTime ?? (renamed ? tree.now() : undefined)
    if (media) writeMedia(simulation, before, media, body)
    const { name, trashed, createdTime: created } = body
    const contentType = isBlob && !media ? body.mimeType : undefined
    const item = tree.update(before.id, { name, parents, trashed, created, modified, contentType })
    const notes = notesOf(simulation, item.id)
    // Items of shared drives have no owner; who takes one out of there owns it.
    if (parents) notes.owner = driveOf(simulation, item.id) ? undefined : (notes.owner ?? caller.email)
    note(notes, body, caller)
    return media ? keepForever(simulation, item, query) : item
  }
}

function checkTrash(simulation: Simulation, caller: Caller, item: Item): void {
  const role = roleOf(simulation, caller, item)
  const needed = driveOf(simulation, item.id) ? 'fileOrganizer' : 'owner'
  if (!role || ranks[role] < ranks[needed]) throw insufficientFilePermissions()
}

function writeMedia(simulation: Simulation, item: Item, media: Media, body: FileBody): void {
  if (item.kind === 'folder' || typeOf(item) === shortcutType)
    throw forbidden('fileNotUploadable', 'This item has no content that could be changed.')
  if (isDocument(item)) {
    notesOf(simulation, item.id).document = documentOf(typeOf(item), media)
    return
  }
  const contentType = body.mimeType ?? media.contentType ?? item.contentType
  simulation.tree.write(item.id, media.bytes, { contentType, modified: body.modifiedTime })
}

/** A file has one parent (developers.google.com/workspace/drive/api/guides/ref-single-parent). */
function parentsAfter({ simulation, caller, query }: Exchange, item: Item): readonly string[] {
  const finding = { supportsAllDrives: supportsAllDrives(query) }
  const folders = idsParameter(query, 'addParents').map((id) => findFolder(simulation, caller, id, finding))
  for (const folder of folders) checkRoom(simulation, folder)
  const added = folders.map(({ id }) => id)
  const removed = idsParameter(query, 'removeParents').map((id) => resolveAlias(simulation, caller, id))
  const strange = removed.find((id) => !item.parents.includes(id))
  if (strange !== undefined) throw fileNotFound(strange)
  // Whoever owns an item moves it by naming a new parent alone.
  const isMove = added.length === 1 && notesOf(simulation, item.id).owner === caller.email
  const kept = isMove ? [] : item.parents.filter((id) => !removed.includes(id))
  const after = [...new Set([...kept, ...added])]
  if (after.length > 1) throw forbidden('cannotAddParent', 'Increasing the number of parents is not allowed')
  if (after.length === 0) throw forbidden('cannotRemoveParent', 'A file has to have a parent.')
  const [from, to] = [driveOf(simulation, item.id), driveOf(simulation, after[0] ?? '')]
  if (item.kind === 'folder' && from?.id !== to?.id) {
    throw forbidden('teamDrivesFolderMoveInNotSupported', 'Moving folders into shared drives is not supported.')
  }
  if (from && from.id !== to?.id && roleOf(simulation, caller, item) !== 'organizer')
    throw insufficientFilePermissions()
  return after
}
