import { type BucketObject, evaluateConditions, StorageError, type WriteOptions } from '@filegate/core'
import { Readable } from 'node:stream'
import { md5Of, objectOf, quotedEtag, totalSize } from './adapt.ts'
import { type BodySource, bodySource, checkMd5, emptyPiece } from '@filegate/core/http-body'
import { bucketItem } from './buckets.ts'
import { pushedConditions, type PushedConditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import type { EnsureBucket } from './ensure-bucket.ts'
import { detailsOf, headOf } from './head.ts'
import { formatTime, timeKey } from './metadata.ts'
import { placeToWrite } from './place.ts'
import { partSize, putParts } from './put-parts.ts'
import { putPiece, putStream, type Upload, type Uploaded } from './put-request.ts'
import { repeated } from './retry.ts'
import { parseVersionName } from './version-name.ts'

/** Writes an object, in one request or in parts. The old one stays until the new one is complete. */
export async function writeObject(
  connection: Connection,
  ensure: EnsureBucket,
  key: string,
  options: WriteOptions,
): Promise<BucketObject> {
  const place = placeToWrite(connection.places, key)
  const { versions } = connection.settings
  await ensure(place.bucket, options.signal)
  if (place.key === '') return bucketItem(place.bucket)
  if (versions && parseVersionName(place.key)) {
    throw new StorageError(
      'InvalidArgument',
      'An older version cannot be written. Name the file without the time in it.',
    )
  }
  const conditions = await checkedConditions(connection, key, options)
  const { size, modified, contentType, hashes, signal } = options
  const md5 = needsMd5(connection, size) ? hashes?.md5 : undefined
  const said = { modified, contentType, md5 }
  const source = bodySource(options.body, {
    size,
    signs: signsBodies(connection),
    digests: needsMd5(connection, size),
    signal,
  })
  const upload: Upload = { ...place, said, conditions, signal }
  try {
    const uploaded = await put(connection, upload, source, size)
    return await written(connection, upload, { key, uploaded, size: source.given, isSizeNew: size === undefined })
  } finally {
    await source.release()
  }
}

const signsBodies = ({ settings }: Connection): boolean =>
  !settings.unsignedPayload && settings.signature === 'v4' && settings.login !== 'anonymous'

/** What goes in one request is always checked. */
const needsMd5 = ({ settings }: Connection, size: number | undefined): boolean =>
  !settings.disable_checksum || (size !== undefined && size < settings.upload_cutoff)

/** As the vendor evaluates them, after a look at what is there: some services ignore conditions of uploads. */
async function checkedConditions(
  connection: Connection,
  key: string,
  { conditions, signal }: WriteOptions,
): Promise<PushedConditions> {
  if (!conditions) return {}
  const old = await headOf(connection, key, { signal })
  if (evaluateConditions(conditions, old?.facts) !== 'proceed') {
    throw new StorageError('PreconditionFailed', `A condition on /${key} does not hold.`)
  }
  const { ifMatch, ifNoneMatch } = conditions
  if (ifNoneMatch?.includes('*')) return { IfNoneMatch: '*' }
  const { IfMatch } = pushedConditions({ ifMatch }) ?? {}
  return IfMatch === undefined ? {} : { IfMatch }
}

/** In one request what is small or has to be, in parts what is not. What is small is held, so that it can be sent again. */
async function put(
  connection: Connection,
  upload: Upload,
  source: BodySource,
  size: number | undefined,
): Promise<Uploaded> {
  const { chunkSize, maximumParts, multipart, upload_cutoff: cutoff, checksums } = connection.settings
  const isForParts = (length: number): boolean => multipart && length > 0 && length >= cutoff
  // What streams cannot be sent again without its conditions, where the service knows none.
  const isFree = !multipart || Object.keys(upload.conditions).length === 0
  const canStream = isFree && (checksums || !signsBodies(connection))
  if (size !== undefined && size > chunkSize && canStream && !isForParts(size)) {
    return streamed(connection, upload, source, size)
  }
  const mostHeld = multipart ? partSize(size, chunkSize, maximumParts) : Math.max(chunkSize, cutoff)
  const first = (await source.next(mostHeld)) ?? emptyPiece()
  if ((await source.peek()) && !isForParts(source.given)) {
    checkMd5(upload.said.md5, first.md5)
    const mayRepeat = Object.keys(upload.conditions).length === 0
    return repeated(() => putPiece(connection, upload, first), { signal: upload.signal, mayRepeat })
  }
  if (multipart) return putParts(connection, upload, source, { first, size })
  const message = `The body is longer than the ${mostHeld} bytes that are held. Allow multipart uploads, or announce its size.`
  throw new StorageError('TooLarge', message)
}

/** Sends a body while it comes in. When it breaks, so does the request: the vendor then keeps nothing of it. */
async function streamed(connection: Connection, upload: Upload, source: BodySource, size: number): Promise<Uploaded> {
  const broken = new AbortController()
  const signal = upload.signal ? AbortSignal.any([upload.signal, broken.signal]) : broken.signal
  const body = Readable.from(source.chunks(), { objectMode: false })
  let failure: { readonly error: unknown } | undefined
  body.on('error', (error) => {
    failure ??= { error }
    broken.abort(error)
  })
  try {
    const uploaded = await putStream(connection, { ...upload, signal }, { body, size })
    checkArrived(connection, uploaded, source.md5())
    return uploaded
  } catch (error) {
    throw failure ? failure.error : error
  } finally {
    body.destroy()
  }
}

function checkArrived({ settings }: Connection, uploaded: Uploaded, md5: string | undefined): void {
  const arrived = md5Of(uploaded, settings)
  if (!settings.verifiesEtag || arrived === undefined || md5 === undefined || arrived === md5) return
  throw new StorageError('Unexpected', 'The upload arrived damaged: its etag is not the MD5 of what was sent.')
}

interface Outcome {
  readonly key: string
  readonly uploaded: Uploaded
  readonly size: number
  readonly isSizeNew: boolean
}

/** The object as it is now: asked for, or put together from what is known. */
async function written(
  connection: Connection,
  { bucket, key: inside, said, signal }: Upload,
  { key, uploaded, size, isSizeNew }: Outcome,
): Promise<BucketObject> {
  const { settings } = connection
  const metadata = said.modified === undefined ? {} : { [timeKey]: formatTime(said.modified) }
  const known = objectOf(
    key,
    { ...uploaded, ContentLength: size, ContentType: said.contentType, Metadata: metadata },
    settings,
  )
  if (settings.no_head && !isSizeNew) return known
  const details = await detailsOf(connection, { bucket, key: inside }, { signal })
  const etag = quotedEtag(uploaded.ETag)
  const isOurs = etag === undefined || etag === quotedEtag(details.ETag)
  // Somebody else wrote meanwhile, which changes nothing about what was written here.
  if (!isOurs) return known
  if (totalSize(details) !== size) {
    throw new StorageError('Unexpected', `The vendor kept ${totalSize(details)} of the ${size} bytes that were sent.`)
  }
  return objectOf(key, details, settings)
}
