import { type BucketObject, notFound, type Operation, StorageError } from '@filegate/core'
import { discard } from '@filegate/core/http-body'
import { type BlobAnswer, isFolder, objectOf } from './adapt.ts'
import { type Connection, until } from './connection.ts'
import { containerItem } from './containers.ts'
import { isMissing, nameOf, statusOf } from './errors.ts'
import { type Place, placeOf } from './place.ts'

/** What the service knows of a blob; one that is not there rejects. */
export interface BlobDetails extends BlobAnswer {
  readonly archiveStatus?: string | undefined
}

/** Asks about one blob, with HEAD, or with a GET of its first byte where HEAD is not to be used. */
export async function detailsOf(
  { vendor, options }: Connection,
  place: Place,
  { signal }: Operation,
): Promise<BlobDetails> {
  const client = vendor.blob(place)
  if (!options.no_head_object) return client.getProperties(until(signal))
  const download = (count: number | undefined) => client.download(0, count, { ...until(signal), maxRetryRequests: 0 })
  try {
    const answer = await download(1)
    discard(answer.readableStreamBody)
    return detailsOfDownload(answer)
  } catch (error) {
    if (nameOf(error) === 'BlobArchived') return client.getProperties(until(signal))
    // Of an empty blob there is no first byte to ask for, but then all of it is nothing.
    if (statusOf(error) !== 416) throw error
    const answer = await download(undefined)
    discard(answer.readableStreamBody)
    return detailsOfDownload(answer)
  }
}

/** The members of such an answer are getters, which spreading would lose. */
export const detailsOfDownload = (answer: BlobAnswer): BlobAnswer => ({
  contentLength: answer.contentLength,
  contentRange: answer.contentRange,
  contentType: answer.contentType,
  contentMD5: answer.contentMD5,
  blobContentMD5: answer.blobContentMD5,
  etag: answer.etag,
  lastModified: answer.lastModified,
  metadata: answer.metadata,
})

/** The object of a key, `undefined` when there is none; for the key of a container, what stands for that. */
export async function headOf(
  connection: Connection,
  key: string,
  options: Operation,
): Promise<BucketObject | undefined> {
  const place = placeOf(key)
  if (place.key === '')
    return (await hasContainer(connection, place.container, options)) ? containerItem(place.container) : undefined
  try {
    const details = await detailsOf(connection, place, options)
    return isFolder(details) && !key.endsWith('/') ? undefined : objectOf(key, details)
  } catch (error) {
    if (!isMissing(error)) throw error
    return key.endsWith('/') ? folderAt(connection, place, options) : undefined
  }
}

/** The marker of a directory that is kept by a blob beside it, without a `/` at its end. */
export async function folderAt(
  connection: Connection,
  { container, key }: Place,
  options: Operation,
): Promise<BucketObject | undefined> {
  try {
    const details = await detailsOf(connection, { container, key: key.slice(0, -1) }, { signal: options.signal })
    return isFolder(details) ? objectOf(`${container}/${key}`, details) : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Whether a container is there, also one that may not be looked into. */
export async function hasContainer({ vendor }: Connection, container: string, { signal }: Operation): Promise<boolean> {
  if (vendor.login.container === container) return true
  try {
    await vendor.container(container).getProperties(until(signal))
    return true
  } catch (error) {
    const status = statusOf(error)
    if (status === 403) return true
    // A name that no container can have.
    if (status === 404 || status === 400) return false
    throw error
  }
}

/** For the methods that need a blob to be there. @throws StorageError `NotFound` */
export async function foundDetails(connection: Connection, key: string, options: Operation) {
  const place = placeOf(key)
  if (place.key === '') throw notFound(key)
  try {
    const details = await detailsOf(connection, place, options)
    if (isFolder(details)) throw notFound(key)
    return { place, details }
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    throw new StorageError('NotFound', `File or directory not found: /${key}`, { path: key, cause })
  }
}
