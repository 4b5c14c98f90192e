import { newDigest, StorageError } from '@filegate/core'
import { quotedEtag } from './adapt.ts'
import { uploadInput } from './attributes.ts'
import { type Connection, customerKeyInput, until } from './connection.ts'
import { conditionally, type Upload, type Uploaded } from './put-request.ts'
import { repeated } from './retry.ts'

/** A part that the vendor has. */
export interface Part {
  readonly PartNumber: number
  readonly ETag: string
  /** In hexadecimal; unknown for a part that was copied. */
  readonly md5?: string | undefined
}

/** Brings one part to the vendor. */
export type PartWork = (uploadId: string, signal: AbortSignal) => Promise<Part>

/** Milliseconds that cleaning up after a failure may take. */
const cleaning = 30_000

/**
 * Makes an object of parts, several of which are under way at once. `next` is asked for one part after the other.
 * The object appears when all are there; a failure leaves nothing, unless the options want the parts left.
 */
export async function inParts(
  connection: Connection,
  upload: Upload,
  next: () => Promise<PartWork | undefined>,
): Promise<Uploaded> {
  const { vendor, settings, log } = connection
  const place = { Bucket: upload.bucket, Key: upload.key }
  const begin = { ...place, ...uploadInput(settings, upload.said, log), ...upload.kept }
  const { signal } = upload
  const start = () => vendor.s3.createMultipartUpload(begin, until(signal))
  const { UploadId: id } = await repeated(start, { signal, mayRepeat: false })
  if (id === undefined) throw new StorageError('Unexpected', 'The vendor began an upload without a name for it.')
  try {
    const parts = await brought(id, settings.upload_concurrency, next, upload.signal)
    return await completed(connection, upload, id, parts)
  } catch (error) {
    if (!settings.leave_parts_on_error) await abandoned(connection, place, id)
    throw error
  }
}

async function brought(
  id: string,
  lanes: number,
  next: () => Promise<PartWork | undefined>,
  signal: AbortSignal | undefined,
): Promise<readonly Part[]> {
  const stop = new AbortController()
  const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  const parts: Part[] = []
  let turn: Promise<unknown> = Promise.resolve()
  let failure: { readonly error: unknown } | undefined

  /** One part at a time is read, so that no more are in memory than lanes. */
  async function take(): Promise<PartWork | undefined> {
    const before = turn
    const mine = (async () => {
      await before
      return failure ? undefined : next()
    })()
    turn = mine.catch(() => undefined)
    return mine
  }
  async function lane(): Promise<void> {
    for (let work = await take(); work; work = await take()) parts.push(await work(id, stopped))
  }
  const all = Array.from({ length: lanes }, async () => {
    try {
      await lane()
    } catch (error) {
      failure ??= { error }
      stop.abort(error)
    }
  })
  await Promise.all(all)
  if (failure) throw failure.error
  return parts.sort((one, other) => one.PartNumber - other.PartNumber)
}

async function completed(
  { vendor, settings }: Connection,
  upload: Upload,
  id: string,
  parts: readonly Part[],
): Promise<Uploaded> {
  const input = {
    Bucket: upload.bucket,
    Key: upload.key,
    UploadId: id,
    MultipartUpload: { Parts: parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag })) },
    ...customerKeyInput(settings),
  }
  const { signal } = upload
  const answer = await repeated(
    () =>
      conditionally(upload.conditions, (conditions) =>
        vendor.s3.completeMultipartUpload({ ...input, ...conditions }, until(signal)),
      ),
    { signal, mayRepeat: false },
  )
  const expected = etagOfParts(parts)
  const given = quotedEtag(answer.ETag)
  if (settings.verifiesEtag && expected !== undefined && given !== undefined && given !== expected) {
    throw new StorageError('Unexpected', 'The upload arrived damaged: its etag is not that of its parts.')
  }
  return answer
}

/** The MD5 of the MD5s of the parts, and how many there are; `undefined` when one is unknown. */
export function etagOfParts(parts: readonly Part[]): string | undefined {
  const digest = newDigest('md5')
  for (const { md5 } of parts) {
    if (md5 === undefined) return undefined
    digest.update(Buffer.from(md5, 'hex'))
  }
  return `"${digest.finish()}-${parts.length}"`
}

/** The signal of the upload is no use here: it may be what ended it. */
async function abandoned(
  { vendor, log }: Connection,
  place: { readonly Bucket: string; readonly Key: string },
  id: string,
): Promise<void> {
  try {
    await vendor.s3.abortMultipartUpload({ ...place, UploadId: id }, until(AbortSignal.timeout(cleaning)))
  } catch (error) {
    log.warn('Parts of a failed upload could not be removed.', { error: String(error) })
  }
}
