import { type Answer, noContent, ok } from './answer.ts'
import { GraphError, invalid } from './graph-error.ts'
import { itemAnswer } from './items.ts'
import { behaviorOf, findPlace } from './place.ts'
import { readBytes } from './read-body.ts'
import type { Call, UploadSession } from './service.ts'
import { timeOf } from './shape.ts'
import { checkRoom, progress } from './upload-session.ts'
import { nextVersion } from './version-number.ts'

// Source: driveItem: createUploadSession, "Upload bytes to the upload session".

const unit = 327_680
const mostInFragment = 60 * 1_048_576

/** What the address of an upload session answers. It says who may, so that a token besides is refused. */
export async function upload(call: Call, id: string): Promise<Answer> {
  const { service, method, headers } = call
  const session = service.sessions.get(id)
  if (headers.authorization !== undefined && service.refusesTokens)
    throw new GraphError('unauthenticated', { message: 'An upload session takes no Authorization header.' })
  if (session === undefined || session.expires <= service.tree.now()) {
    service.sessions.delete(id)
    throw new GraphError('itemNotFound', {
      message: 'The upload session was not found.',
      inner: 'uploadSessionNotFound',
    })
  }
  if (method === 'PUT') return putFragment(call, session)
  if (method === 'GET') return ok(progress(session))
  if (method === 'POST') return commitDeferred(call, session)
  if (method !== 'DELETE') throw new GraphError('notAllowed')
  service.sessions.delete(id)
  return noContent
}

interface Fragment {
  readonly first: number
  readonly last: number
  readonly total: number
}

function fragmentOf({ headers }: Call): Fragment {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '') ?? []
  if (first === undefined) throw invalid('Content-Range header is missing or malformed.')
  const fragment = { first: Number(first), last: Number(last), total: Number(total) }
  if (fragment.last < fragment.first || fragment.last >= fragment.total)
    throw invalid('The Content-Range header is not a range.')
  const length = fragment.last - fragment.first + 1
  if (headers['content-length'] !== String(length))
    throw invalid('The Content-Length header does not match the Content-Range header.', 'fragmentLengthMismatch')
  if (length > mostInFragment) throw new GraphError('requestTooLarge', { inner: 'maxFragmentLengthExceeded' })
  if (fragment.last + 1 < fragment.total && length % unit !== 0)
    throw invalid(`The size of each byte range must be a multiple of 320 KiB (${unit} bytes).`)
  return fragment
}

function checkOrder(session: UploadSession, { first, total }: Fragment): void {
  if (session.total !== undefined && session.total !== total)
    throw invalid('The declared total size differs from that of the upload session.', 'fragmentLengthMismatch')
  if (first < session.received)
    throw new GraphError('invalidRange', {
      message: 'Uploaded fragment overlaps with existing data.',
      inner: 'fragmentOverlap',
    })
  if (first > session.received)
    throw new GraphError('invalidRange', { message: 'Uploaded fragment is out of order.', inner: 'fragmentOutOfOrder' })
}

async function putFragment(call: Call, session: UploadSession): Promise<Answer> {
  const fragment = fragmentOf(call)
  checkOrder(session, fragment)
  const { service } = call
  const item = session.item === undefined ? undefined : service.tree.get(session.item)
  checkRoom(service, { drive: session.drive, item }, fragment.total)
  const bytes = await readBytes(call.incoming, mostInFragment)
  // Two that were sent at once: the one that is read first counts.
  checkOrder(session, fragment)
  session.total = fragment.total
  session.fragments.push(bytes)
  session.received += bytes.length
  session.expires = service.tree.now() + service.sessionMinutes * 60_000
  if (session.received < fragment.total || session.deferCommit) return { status: 202, json: progress(session) }
  return commit(call, session)
}

async function commitDeferred(call: Call, session: UploadSession): Promise<Answer> {
  const sent = await readBytes(call.incoming, unit)
  if (sent.length > 0) throw invalid('The request that completes an upload has no content.')
  if (session.drive.type === 'personal')
    throw new GraphError('notSupported', { message: 'Not supported on OneDrive Personal.' })
  if (session.received !== session.total) throw invalid('The upload session is incomplete.', 'uploadSessionIncomplete')
  return commit(call, session)
}

/** A session that cannot be completed stays as it is, without its last fragment being asked for again. */
function commit(call: Call, session: UploadSession): Answer {
  const { service } = call
  const { tree } = service
  const bytes = Buffer.concat(session.fragments)
  const info = session.fileSystemInfo
  const times = { created: timeOf(info, 'createdDateTime'), modified: timeOf(info, 'lastModifiedDateTime') }
  const target = { drive: session.drive, item: undefined, place: undefined }
  const place = findPlace(service, tree.need(session.parent), session.name, behaviorOf(session.behavior, 'fail'))
  if (place.taken) {
    const { id } = place.taken
    const revisionFacts = { version: nextVersion(place.taken) }
    tree.write(id, bytes, { modified: times.modified, revisionFacts })
    if (times.created !== undefined) tree.update(id, { created: times.created })
    service.sessions.delete(session.id)
    return itemAnswer(call, target, tree.need(id))
  }
  service.makeIdsFor(session.drive)
  const facts = { description: session.description }
  const made = tree.addFile({ name: place.name, parents: [session.parent], bytes, ...times, facts })
  service.sessions.delete(session.id)
  return itemAnswer(call, target, made, 201)
}
