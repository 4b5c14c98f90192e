import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ApiError, invalid, notFound } from './api-error.ts'
import { findBucket } from './buckets.ts'
import { contentOf } from './content.ts'
import { type Answer, type Exchange, json, oneHeader, place, readBody } from './exchange.ts'
import { parseJsonObject } from './json.ts'
import { planUpload } from './plan-upload.ts'
import { objectResource } from './resources.ts'
import { checksumsInHeaders, type ObjectPlan, storeObject } from './storing.ts'
import type { Bucket, StoredObject } from './state.ts'

/** What the service keeps of an upload that is not done is a multiple of this. */
const unit = 262_144

/** An upload in several requests (cloud.google.com/storage/docs/performing-resumable-uploads). */
export interface UploadSession {
  readonly bucket: Bucket
  readonly plan: ObjectPlan
  /** How long the whole is, if it is known yet. */
  total: number | undefined
  /** What came so far; its bytes are `persisted` together. */
  readonly pieces: Buffer[]
  persisted: number
  /** Settles when everything came and was checked. */
  done: Promise<StoredObject> | undefined
  ended: 'cancelled' | 'failed' | undefined
}

export async function startUpload(exchange: Exchange): Promise<Answer> {
  const { headers, query, incoming, origin, simulation } = exchange
  const bucket = findBucket(exchange, place(exchange, 'bucket'))
  const body = parseJsonObject(await readBody(incoming, 1_048_576))
  const plan = planUpload(exchange, bucket, body, oneHeader(headers, 'x-upload-content-type'))
  const total = oneHeader(headers, 'x-upload-content-length')
  if (total !== undefined && !/^\d{1,15}$/.test(total)) throw invalid('Invalid value for X-Upload-Content-Length.')
  const id = randomBytes(48).toString('base64url')
  simulation.uploads.set(id, {
    bucket,
    plan,
    total: total === undefined ? undefined : Number(total),
    pieces: [],
    persisted: 0,
    done: undefined,
    ended: undefined,
  })
  const kept = new URLSearchParams([...query].filter(([name]) => !['access_token', 'upload_id'].includes(name)))
  kept.set('upload_id', id)
  const location = `${origin}/upload/storage/v1/b/${encodeURIComponent(bucket.name)}/o?${kept.toString()}`
  return { status: 200, headers: { location, 'x-guploader-uploadid': id, 'content-length': '0' } }
}

function sessionOf({ simulation, query }: Exchange): UploadSession {
  const session = simulation.uploads.get(query.get('upload_id') ?? '')
  if (!session) throw notFound()
  if (session.ended) throw endings[session.ended]
  return session
}

/** What is said of a session that was cancelled, or that could not become an object. */
const endings: Readonly<Record<'cancelled' | 'failed', ApiError>> = {
  cancelled: new ApiError(499, 'clientClosedRequest', 'Client Closed Request'),
  failed: new ApiError(410, 'gone', 'Gone'),
}

export function cancelUpload(exchange: Exchange): Answer {
  const session = sessionOf(exchange)
  session.ended = 'cancelled'
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
  if (header === undefined) return { start: session.persisted, end: undefined, total: session.total }
  const [, span, first, last, all] = /^bytes (\*|(\d{1,15})-(\d{1,15}|\*))\/(\d{1,15}|\*)$/.exec(header.trim()) ?? []
  if (span === undefined) throw plain(400, 'Failed to parse Content-Range header.')
  const total = all === '*' || all === undefined ? session.total : Number(all)
  if (session.total !== undefined && total !== session.total) {
    throw plain(400, 'Invalid request. The total size of the object does not agree with what was said before.')
  }
  if (first === undefined) return { start: undefined, end: undefined, total }
  const start = Number(first)
  const end = last === '*' ? total : Number(last) + 1
  if (end !== undefined && (end <= start || end > (total ?? end)))
    throw plain(400, 'Failed to parse Content-Range header.')
  return { start, end, total }
}

/** Errors about the transfer itself come as text. */
const plain = (status: number, message: string): ApiError =>
  new ApiError(status, 'badRequest', message, { headers: { 'content-type': 'text/plain; charset=utf-8' } })

export async function continueUpload(exchange: Exchange): Promise<Answer> {
  const session = sessionOf(exchange)
  const { headers, incoming } = exchange
  if (session.done) {
    incoming.resume()
    return show(exchange, session, await session.done)
  }
  const chunk = readContentRange(oneHeader(headers, 'content-range'), session)
  session.total = chunk.total
  if (chunk.start !== undefined) await receive(incoming, session, chunk, chunk.start)
  else incoming.resume()
  if (session.total === undefined || session.persisted < session.total) return incomplete(exchange, session)
  const late = checksumsInHeaders(headers)
  const { expected } = session.plan
  const plan = {
    ...session.plan,
    expected: { md5Hash: expected.md5Hash ?? late.md5Hash, crc32c: expected.crc32c ?? late.crc32c },
  }
  session.done = storeObject(session.bucket, plan, contentOf(session.pieces.splice(0)))
  try {
    return show(exchange, session, await session.done)
  } catch (error) {
    // Whatever is wrong with the whole cannot be mended in this session.
    session.ended = 'failed'
    throw error
  }
}

/** Keeps what is new of the body. Also of one that breaks off, down to a multiple of the unit. */
async function receive(incoming: IncomingMessage, session: UploadSession, chunk: Chunk, start: number): Promise<void> {
  if (start > session.persisted) {
    throw plain(
      503,
      `Invalid request.  According to the Content-Range header, the upload offset is ${start} byte(s), which exceeds already uploaded size of ${session.persisted} byte(s).`,
    )
  }
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
  if (chunk.end !== undefined && chunk.end !== end) {
    throw plain(
      400,
      `Invalid request.  There were ${length} byte(s) in the request body.  There should have been ${chunk.end - start} byte(s) (starting at offset ${start} and ending at offset ${chunk.end}) according to the Content-Range header.`,
    )
  }
  // Without an end in the range, the body is the rest of the object.
  if (chunk.end === undefined && session.total === undefined) session.total = end
  if (session.total !== undefined && end > session.total)
    throw plain(400, 'Invalid request. More bytes came than the object has.')
  if (end === session.total) return keep(session, pieces, start, end)
  if (length < unit) {
    throw plain(
      400,
      `Invalid request.  The number of bytes uploaded is required to be equal or greater than ${unit}, except for the final request (it's recommended to be the exact multiple of ${unit}).  The received request contained ${length} bytes, which does not meet this requirement.`,
    )
  }
  keep(session, pieces, start, Math.floor(end / unit) * unit)
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
  if (oneHeader(headers, 'x-guploader-no-308') === 'yes') {
    return { status: 200, headers: { ...range, 'x-http-status-code-override': '308', 'content-length': '0' } }
  }
  return { status: 308, headers: { ...range, 'content-length': '0' } }
}

function show({ origin, query }: Exchange, { bucket, plan }: UploadSession, object: StoredObject): Answer {
  const projection = { full: query.get('projection') === 'full', keySha256: plan.keySha256 }
  return json(objectResource(origin, bucket, object, projection))
}
