import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Item } from '../cloud-tree/item.ts'
import { oneHeader, readBody } from '../gcs/exchange.ts'
import type { Caller } from './access.ts'
import { badRequest, DriveError, forbidden, uploadError } from './drive-error.ts'
import { type Answer, type Exchange, showFile } from './exchange.ts'
import { jsonBody, readFileBody } from './file-body.ts'
import { userOf } from './simulation.ts'
import type { Commit, Media, planCreate } from './write-file.ts'

/** Every chunk but the last is a multiple of this (developers.google.com/workspace/drive/api/guides/manage-uploads). */
const unit = 262_144
/** Milliseconds that an upload may take. */
const lifetime = 7 * 24 * 3_600_000

/** An upload in several requests. */
export interface UploadSession {
  readonly commit: Commit
  readonly caller: Caller
  readonly started: number
  readonly contentType: string | undefined
  /** `POST` for something new. */
  readonly method: string
  /** How long the whole is, if it is known yet. */
  total: number | undefined
  readonly pieces: Buffer[]
  persisted: number
  item: Item | undefined
  /** What became of it when it could not be finished. */
  failure: DriveError | undefined
}

export async function startUpload(exchange: Exchange, plan: typeof planCreate): Promise<Answer> {
  const { headers, query, incoming, origin, path, simulation, caller } = exchange
  const body = jsonBody(await readBody(incoming, 1_048_576), oneHeader(headers, 'content-type'))
  const commit = plan(exchange, readFileBody(body))
  const length = oneHeader(headers, 'x-upload-content-length')
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw badRequest('Invalid value for X-Upload-Content-Length.')
  const total = length === undefined ? undefined : Number(length)
  if (total !== undefined) checkRoom(exchange, total)
  const id = `AHVrFx${randomBytes(60).toString('base64url')}`
  simulation.uploads.set(id, {
    commit,
    caller,
    started: simulation.tree.now(),
    contentType: oneHeader(headers, 'x-upload-content-type'),
    method: incoming.method ?? 'POST',
    total,
    pieces: [],
    persisted: 0,
    item: undefined,
    failure: undefined,
  })
  const kept = new URLSearchParams([...query].filter(([name]) => name !== 'access_token' && name !== 'upload_id'))
  kept.set('upload_id', id)
  const location = `${origin}${path}?${kept.toString()}`
  return { status: 200, headers: { location, 'x-guploader-uploadid': id, 'content-length': '0' } }
}

/** What cannot fit into My Drive is refused before it comes. */
function checkRoom({ simulation, caller }: Exchange, size: number): void {
  const { total, used } = simulation.tree.quota(userOf(simulation, caller.email).root)
  if (total !== undefined && size > 0 && used >= total)
    throw forbidden('storageQuotaExceeded', "The user's Drive storage quota has been exceeded.")
}

function sessionOf({ simulation, query }: Exchange): UploadSession {
  const session = simulation.uploads.get(query.get('upload_id') ?? '')
  if (!session || simulation.tree.now() - session.started > lifetime) throw uploadError(404, 'Not Found')
  if (session.failure) throw session.failure
  return session
}

export function cancelUpload(exchange: Exchange): Answer {
  const session = sessionOf(exchange)
  session.failure = uploadError(499, 'Client Closed Request')
  session.pieces.length = 0
  return { status: 499, headers: { 'content-length': '0' } }
}

/** Where the bytes of one request belong. */
interface Chunk {
  /** `undefined`: none come, the client only asks. */
  readonly start: number | undefined
  /** `undefined`: up to wherever the body ends. */
  readonly end: number | undefined
  readonly total: number | undefined
}

function readContentRange(header: string | undefined, session: UploadSession): Chunk {
  if (header === undefined) return { start: 0, end: undefined, total: session.total }
  const [, span, first, last, all] = /^bytes (\*|(\d{1,15})-(\d{1,15}))\/(\d{1,15}|\*)$/.exec(header.trim()) ?? []
  if (span === undefined) throw uploadError(400, 'Failed to parse Content-Range header.')
  const total = all === '*' || all === undefined ? session.total : Number(all)
  if (session.total !== undefined && total !== session.total)
    throw uploadError(400, 'Invalid request. The total size does not agree with what was said before.')
  if (first === undefined || last === undefined) return { start: undefined, end: undefined, total }
  const [start, end] = [Number(first), Number(last) + 1]
  if (end <= start || end > (total ?? end)) throw uploadError(400, 'Failed to parse Content-Range header.')
  return { start, end, total }
}

export async function continueUpload(exchange: Exchange): Promise<Answer> {
  const session = sessionOf(exchange)
  const { headers, incoming } = exchange
  if (session.item) {
    incoming.resume()
    return shown(exchange, session, session.item)
  }
  const chunk = readContentRange(oneHeader(headers, 'content-range'), session)
  session.total = chunk.total
  if (chunk.start === undefined) incoming.resume()
  else await receive(incoming, session, chunk, chunk.start)
  if (session.total === undefined || session.persisted < session.total) return incomplete(exchange, session)
  const media: Media = { bytes: Buffer.concat(session.pieces.splice(0)), contentType: session.contentType }
  try {
    session.item = session.commit(media)
  } catch (error) {
    if (error instanceof DriveError) session.failure = error
    throw error
  }
  return shown(exchange, session, session.item)
}

function shown(exchange: Exchange, { caller }: UploadSession, item: Item): Answer {
  return showFile({ ...exchange, caller }, item)
}

/** Keeps what is new of the body. Also of one that breaks off, down to a multiple of the unit. */
async function receive(incoming: IncomingMessage, session: UploadSession, chunk: Chunk, start: number): Promise<void> {
  if (start > session.persisted)
    throw uploadError(
      503,
      `Invalid request.  The upload offset ${start} exceeds the uploaded size ${session.persisted}.`,
    )
  const pieces: Buffer[] = []
  let length = 0
  try {
    for await (const piece of incoming) {
      if (!Buffer.isBuffer(piece)) continue
      pieces.push(piece)
      length += piece.length
    }
  } catch (error) {
    keep(session, pieces, start, Math.floor((start + length) / unit) * unit)
    throw error
  }
  const end = start + length
  if (chunk.end !== undefined && chunk.end !== end)
    throw uploadError(400, `Invalid request.  There were ${length} byte(s) in the request body.`)
  // Without a range, the body is the whole.
  if (chunk.end === undefined && session.total === undefined) session.total = end
  if (session.total !== undefined && end > session.total)
    throw uploadError(400, 'Invalid request. More bytes came than were announced.')
  if (end !== session.total && end % unit !== 0) {
    throw uploadError(
      400,
      `Invalid request.  The number of bytes uploaded is required to be equal or greater than ${unit}, except for the final request (it's recommended to be the exact multiple of ${unit}).  The received request contained ${length} bytes, which does not meet this requirement.`,
    )
  }
  keep(session, pieces, start, end)
}

/** Bytes that are there already are passed over, whatever they are. */
function keep(session: UploadSession, pieces: readonly Buffer[], start: number, end: number): void {
  let place = start
  for (const piece of pieces) {
    const fresh = piece.subarray(Math.max(0, session.persisted - place), Math.max(0, end - place))
    place += piece.length
    if (fresh.length === 0) continue
    session.pieces.push(fresh)
    session.persisted += fresh.length
  }
}

function incomplete({ headers }: Exchange, { persisted }: UploadSession): Answer {
  const range = persisted > 0 ? { range: `bytes=0-${persisted - 1}` } : {}
  // Clients whose HTTP takes a 308 for a redirection ask for another status this way.
  if (oneHeader(headers, 'x-guploader-no-308') === 'yes')
    return { status: 200, headers: { ...range, 'x-http-status-code-override': '308', 'content-length': '0' } }
  return { status: 308, headers: { ...range, 'content-length': '0' } }
}
