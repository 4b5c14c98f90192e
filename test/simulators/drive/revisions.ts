import { currentRevision, type Item, type Revision } from '../cloud-tree/item.ts'
import { digestOf } from '../cloud-tree/digest-of.ts'
import { oneHeader, readBody } from '../gcs/exchange.ts'
import { booleanMember } from '../gcs/json.ts'
import { badRequest, DriveError, forbidden, notWritable, revisionNotFound } from './drive-error.ts'
import { type Answer, type Exchange, fileOf, nothing, place, show } from './exchange.ts'
import { jsonBody } from './file-body.ts'
import { exportLinks, timeText, userResource } from './file-resource.ts'
import { checkDownload } from './files.ts'
import { pageOf, pageSizeOf } from './listing.ts'
import { answerBytes } from './media.ts'
import { isDocument, notesOf, typeOf, userOf } from './simulation.ts'

/** Revisions need a writer, and bytes or a document. The methods know shared drives without being told. */
function revisedFile(exchange: Exchange): Item {
  const item = fileOf(exchange, { supportsAllDrives: true, need: 'writer' })
  if (!currentRevision(item) && !isDocument(item))
    throw forbidden('revisionsNotSupported', 'The file does not support revisions.')
  return item
}

function revisionOf(exchange: Exchange, item: Item): Revision {
  const id = place(exchange, 'revisionId')
  const found = id === 'head' ? currentRevision(item) : item.revisions.find((revision) => revision.id === id)
  if (!found) throw revisionNotFound(id)
  return found
}

function revisionResource({ simulation, caller }: Exchange, item: Item, revision: Revision): object {
  const notes = notesOf(simulation, item.id)
  return {
    kind: 'drive#revision',
    id: revision.id,
    mimeType: revision.contentType ?? typeOf(item),
    modifiedTime: timeText(revision.modified),
    keepForever: revision.facts.keepForever === true,
    published: false,
    lastModifyingUser: userResource(userOf(simulation, notes.lastModifier), caller.email),
    originalFilename: notes.originalFilename ?? item.name,
    md5Checksum: digestOf(revision.bytes, 'md5').toString('hex'),
    size: String(revision.bytes.length),
  }
}

/** Of a document the newest state, which has no bytes. */
const documentRevision = (item: Item): object => ({
  kind: 'drive#revision',
  id: String(item.sequence),
  mimeType: typeOf(item),
  modifiedTime: timeText(item.modified),
  published: false,
  exportLinks: exportLinks(item),
})

export function listRevisions(exchange: Exchange): Answer {
  const { simulation, query } = exchange
  const item = revisedFile(exchange)
  if (isDocument(item)) return show('revisionList', { kind: 'drive#revisionList', revisions: [documentRevision(item)] })
  const size = pageSizeOf(query, simulation, 1000, 200)
  const { ids, nextPageToken } = pageOf(simulation, query, size, () => item.revisions.map(({ id }) => id))
  const revisions = item.revisions.filter(({ id }) => ids.includes(id))
  return show('revisionList', {
    kind: 'drive#revisionList',
    revisions: revisions.map((revision) => revisionResource(exchange, item, revision)),
    nextPageToken,
  })
}

export function getRevision(exchange: Exchange): Answer {
  const { query, headers } = exchange
  const item = revisedFile(exchange)
  if (isDocument(item) && query.get('alt') !== 'media') return show('revision', documentRevision(item))
  if (query.get('alt') !== 'media')
    return show('revision', revisionResource(exchange, item, revisionOf(exchange, item)))
  checkDownload(exchange, item)
  const { bytes, contentType = typeOf(item) } = revisionOf(exchange, item)
  return answerBytes(bytes, contentType, headers)
}

/** As many may be kept for ever. */
const mostKept = 200

export async function updateRevision(exchange: Exchange): Promise<Answer> {
  const { simulation, headers, incoming } = exchange
  const body = jsonBody(await readBody(incoming, 1_048_576), oneHeader(headers, 'content-type'))
  const item = revisedFile(exchange)
  const revision = revisionOf(exchange, item)
  for (const name of Object.keys(body)) if (name !== 'keepForever' && name !== 'kind') throw notWritable()
  const keepForever = booleanMember(body, 'keepForever')
  if (revision.facts.keepForever === true && keepForever === false) {
    const message = 'Cannot update a revision to false that is marked as keepForever.'
    throw new DriveError(400, 'illegalKeepForeverModification', message)
  }
  const kept = item.revisions.filter(({ facts }) => facts.keepForever === true).length
  if (keepForever && kept >= mostKept) throw badRequest('The file has too many revisions that are kept forever.')
  const after = keepForever === undefined ? item : simulation.tree.updateRevision(item.id, revision.id, { keepForever })
  return show('revision', revisionResource(exchange, after, revisionOf(exchange, after)))
}

export function deleteRevision(exchange: Exchange): Answer {
  const { simulation } = exchange
  const item = revisedFile(exchange)
  if (isDocument(item)) throw forbidden('revisionsNotSupported', 'The file does not support revisions.')
  const revision = revisionOf(exchange, item)
  if (item.revisions.length === 1)
    throw forbidden('cannotDeleteOnlyRevision', 'The last remaining revision cannot be deleted.')
  simulation.tree.removeRevision(item.id, revision.id)
  return nothing
}
