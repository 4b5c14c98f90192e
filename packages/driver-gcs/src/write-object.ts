import { type BucketObject, StorageError, type WriteOptions } from '@filegate/core'
import { checkMd5 } from '@filegate/core/http-body'
import { type BodySource, bodySource } from './body-source.ts'
import { bucketItem } from './buckets.ts'
import { conditionsOfWrite } from './conditions.ts'
import type { Connection } from './connection.ts'
import type { EnsureBucket } from './ensure-bucket.ts'
import { isMissing } from './errors.ts'
import { resourceOf } from './head.ts'
import { hexOfBase64 } from './metadata.ts'
import { type Place, placeToWrite } from './place.ts'
import { objectOf, type Resource } from './resource.ts'
import { type Upload, uploadWhole } from './upload.ts'
import { chunkSize, uploadInChunks } from './upload-session.ts'

/** Writes an object, in one request or in chunks. The old one stays until the new one is complete. */
export async function writeObject(
  connection: Connection,
  ensure: EnsureBucket,
  key: string,
  options: WriteOptions,
): Promise<BucketObject> {
  const { size, modified, contentType, hashes, signal } = options
  const place = placeToWrite(key)
  await ensure(place.bucket, signal)
  if (place.key === '') return bucketItem(place.bucket)
  const look = () => existing(connection, place, signal)
  const conditions = await conditionsOfWrite(connection, key, options.conditions, look)
  const source = bodySource(options.body, { size, signal })
  try {
    const upload: Upload = { place, modified, contentType, md5: hashes?.md5, conditions, signal }
    const written = await put(connection, upload, source)
    checkArrived(written, source)
    return objectOf(key, written, connection.options)
  } finally {
    await source.release()
  }
}

async function existing(
  connection: Connection,
  place: Place,
  signal: AbortSignal | undefined,
): Promise<Resource | undefined> {
  try {
    return await resourceOf(connection, place, { signal })
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** In one request what fits into a chunk, in chunks what does not. */
async function put(connection: Connection, upload: Upload, source: BodySource): Promise<Resource> {
  const first = (await source.next(chunkSize)) ?? new Uint8Array()
  if (!(await source.isOver())) return uploadInChunks(connection, upload, { source, first })
  const md5 = source.md5()
  checkMd5(upload.md5, md5)
  return uploadWhole(connection, { ...upload, md5 }, first)
}

function checkArrived(written: Resource, source: BodySource): void {
  const md5 = hexOfBase64(written.md5Hash, 16)
  const isWhole = written.size === undefined || Number(written.size) === source.given
  if (isWhole && (md5 === undefined || md5 === source.md5())) return
  throw new StorageError('Unexpected', 'The upload arrived damaged: the vendor has other bytes than were sent.')
}
