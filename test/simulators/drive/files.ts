import { currentRevision, type Item } from '../cloud-tree/item.ts'
import { oneHeader, readBody } from '../gcs/exchange.ts'
import { findFolder, findItem, ranks, roleOf } from './access.ts'
import { exported, exportFormats, exportNames } from './documents.ts'
import {
  badRequest,
  driveNotFound,
  DriveError,
  forbidden,
  insufficientFilePermissions,
  invalidParameter,
  notWritable,
  requiredParameter,
} from './drive-error.ts'
import { type Answer, type Exchange, fileOf, isTrue, nothing, show, showFile, supportsAllDrives } from './exchange.ts'
import { type FileBody, jsonBody, readFileBody } from './file-body.ts'
import { mayDownload } from './file-capabilities.ts'
import { answerBytes } from './media.ts'
import { checkRoom } from './write-file.ts'
import { driveOf, isDocument, newId, notesOf, typeOf, userOf } from './simulation.ts'

export function getFile(exchange: Exchange): Answer {
  const item = fileOf(exchange)
  return exchange.query.get('alt') === 'media' ? download(exchange, item) : showFile(exchange, item)
}

/** What can be downloaded at all, by whom, and with which words. */
export function checkDownload({ simulation, caller, query }: Exchange, item: Item): void {
  const notes = notesOf(simulation, item.id)
  const role = roleOf(simulation, caller, item) ?? 'reader'
  if (item.kind === 'folder' || !currentRevision(item)) {
    throw new DriveError(
      403,
      'fileNotDownloadable',
      'Only files with binary content can be downloaded. Use Export with Docs Editors files.',
      { locationType: 'parameter', location: 'alt' },
    )
  }
  if (!mayDownload(role, notes)) throw forbidden('cannotDownloadFile', 'This file cannot be downloaded by the user.')
  // Only those who could also delete it may take the risk; of others the parameter is passed over.
  const mayRisk = isTrue(query, 'acknowledgeAbuse') && ranks[role] >= ranks.organizer
  if (notes.abusive && !mayRisk) {
    throw forbidden(
      'cannotDownloadAbusiveFile',
      'This file has been identified as malware or spam and cannot be downloaded.',
    )
  }
}

export function download(exchange: Exchange, item: Item): Answer {
  checkDownload(exchange, item)
  return answerBytes(currentRevision(item)?.bytes ?? Buffer.alloc(0), typeOf(item), exchange.headers)
}

const largestExport = 10 * 1024 * 1024

export function exportFile(exchange: Exchange): Answer {
  const mimeType = exchange.query.get('mimeType')
  if (mimeType === null || mimeType === '') throw requiredParameter('mimeType')
  const item = fileOf(exchange, { supportsAllDrives: true })
  if (!isDocument(item)) throw forbidden('fileNotExportable', 'Export only supports Docs Editors files.')
  const bytes = exportedBytes(exchange, item, mimeType)
  if (bytes.length > largestExport) throw forbidden('exportSizeLimitExceeded', 'This file is too large to be exported.')
  return answerBytes(bytes, mimeType, { ...exchange.headers, range: undefined })
}

function exportedBytes({ simulation }: Exchange, item: Item, mimeType: string): Buffer {
  if (!exportFormats[typeOf(item)]?.includes(mimeType)) throw badRequest('The requested conversion is not supported.')
  return exported(notesOf(simulation, item.id).document ?? Buffer.alloc(0), mimeType)
}

/** What `exportLinks` lead to; here the limit does not hold. */
export function exportByLink(exchange: Exchange): Answer {
  const { simulation, caller, query } = exchange
  const item = findItem(simulation, caller, query.get('id') ?? '', { supportsAllDrives: true })
  const format = query.get('exportFormat')
  const mimeType = exportFormats[typeOf(item)]?.find((type) => exportNames[type] === format)
  if (mimeType === undefined) throw badRequest('The requested conversion is not supported.')
  return answerBytes(exportedBytes(exchange, item, mimeType), mimeType, exchange.headers)
}

export async function copyFile(exchange: Exchange): Promise<Answer> {
  const { simulation, caller, query, headers, incoming } = exchange
  const { tree } = simulation
  const body = readFileBody(jsonBody(await readBody(incoming, 1_048_576), oneHeader(headers, 'content-type')))
  const source = fileOf(exchange)
  const role = roleOf(simulation, caller, source) ?? 'reader'
  const notes = notesOf(simulation, source.id)
  if (source.kind === 'folder' || !mayDownload(role, notes))
    throw forbidden('cannotCopyFile', 'This file cannot be copied by the user.')
  if (body.mimeType !== undefined && body.mimeType !== typeOf(source)) throw notWritable()
  const parents = copyParents(exchange, source, body)
  for (const parent of parents) checkRoom(simulation, tree.need(parent))
  const { name = `Copy of ${source.name}`, createdTime: created, modifiedTime: modified = tree.now() } = body
  const item = tree.addFile({
    id: newId.file(),
    name,
    parents,
    contentType: source.contentType,
    created,
    modified,
    bytes: currentRevision(source)?.bytes,
  })
  simulation.notes.set(item.id, {
    ...notes,
    owner: driveOf(simulation, item.id) ? undefined : caller.email,
    byApp: true,
    permissions: [],
    starredBy: body.starred ? [caller.email] : [],
    description: body.description ?? notes.description,
    resourceKey: undefined,
    lastModifier: caller.email,
    labels: new Map(notes.labels),
  })
  const revision = currentRevision(item)
  if (revision && isTrue(query, 'keepRevisionForever')) tree.updateRevision(item.id, revision.id, { keepForever: true })
  return showFile(exchange, tree.need(item.id))
}

/** Without a word it lands beside the source, where the caller may put something there; else in the caller's root. */
function copyParents({ simulation, caller, query }: Exchange, source: Item, { parents }: FileBody): readonly string[] {
  const finding = { supportsAllDrives: supportsAllDrives(query) }
  if (parents !== undefined) {
    if (parents.length > 1) throw badRequest('A file cannot be copied into more than one folder.')
    return parents.map((id) => findFolder(simulation, caller, id, finding).id)
  }
  const { root } = userOf(simulation, caller.email)
  const beside = source.parents.filter((id) => {
    const role = roleOf(simulation, caller, simulation.tree.need(id))
    return role !== undefined && ranks[role] >= ranks.writer
  })
  return beside.length > 0 ? beside : [root]
}

export function deleteFile(exchange: Exchange): Answer {
  const { simulation, caller } = exchange
  const item = fileOf(exchange)
  const need = driveOf(simulation, item.id) ? 'organizer' : 'owner'
  findItem(simulation, caller, item.id, { supportsAllDrives: true, need })
  if (simulation.tree.roots.includes(item.id)) throw insufficientFilePermissions()
  discard(exchange, item)
  return nothing
}

/** For good, with everything in it that is the caller's too; what others put there goes to their own My Drive. */
function discard({ simulation, caller }: Exchange, item: Item): void {
  const { tree } = simulation
  for (const { id } of tree.below(item.id)) {
    const { owner } = notesOf(simulation, id)
    if (owner === undefined || owner === caller.email || !tree.isWithin(id, item.id)) continue
    tree.update(id, { parents: [userOf(simulation, owner).root] })
  }
  tree.remove(item.id)
}

/** What lies in the trash of My Drive or of a shared drive. */
export function emptyTrash(exchange: Exchange): Answer {
  const { simulation, caller, query } = exchange
  const { tree } = simulation
  const driveId = query.get('driveId') ?? undefined
  if (driveId !== undefined) {
    if (!simulation.drives.has(driveId)) throw driveNotFound(driveId)
    findItem(simulation, caller, driveId, { supportsAllDrives: true, need: 'organizer' })
  }
  const root = driveId ?? userOf(simulation, caller.email).root
  for (const item of tree.items()) {
    if (item.trashed && tree.rootOf(item.id) === root) discard(exchange, item)
  }
  return nothing
}

export function generateIds({ simulation, query }: Exchange): Answer {
  const count = Number(query.get('count') ?? '10')
  if (count < 1 || count > 1000)
    throw invalidParameter('count', `Invalid value '${count}'. Values must be within the range: [1, 1000]`)
  const ids = Array.from({ length: count }, newId.file)
  for (const id of ids) simulation.generatedIds.add(id)
  return show('generatedIds', { kind: 'drive#generatedIds', space: query.get('space') ?? 'drive', ids })
}
