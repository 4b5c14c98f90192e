import { type BucketObject, evaluateConditions, StorageError, type WriteOptions } from '@filegate/core'
import { bodySource, type BodySource, checkMd5, emptyPiece, type Piece } from '@filegate/core/http-body'
import { formatTime } from '../time/rfc3339.ts'
import { type BlobAnswer, objectOf, timeKey } from './adapt.ts'
import { pushedConditions, type PushedConditions } from './conditions.ts'
import { type Connection, until } from './connection.ts'
import { containerItem } from './containers.ts'
import { deleteBlob } from './delete-blobs.ts'
import type { ContainerKeeper } from './ensure-container.ts'
import { isMissing, nameOf } from './errors.ts'
import { headOf } from './head.ts'
import { type Place, placeToWrite } from './place.ts'
import { blockSize, putBlocks } from './put-blocks.ts'
import { repeated } from './retry.ts'
import { settledTier, tierInput, tierOf } from './tier.ts'
import { bytesOf, headersOf, type Upload } from './upload.ts'

/** Writes a blob, in one request or in blocks. The old one stays until the new one is complete. */
export async function writeBlob(
  connection: Connection,
  keeper: ContainerKeeper,
  key: string,
  options: WriteOptions,
): Promise<BucketObject> {
  const place = placeToWrite(key)
  const { size, modified, contentType = '', hashes, signal } = options
  if (place.key === '') {
    await keeper.make(place.container, signal)
    return containerItem(place.container)
  }
  await keeper.ensure(place.container, signal)
  const conditions = await checkedConditions(connection, key, options)
  await clearArchived(connection, place, signal)
  const metadata: Record<string, string> = modified === undefined ? {} : { [timeKey]: formatTime(modified) }
  const upload: Upload = { place, metadata, contentType, conditions, signal }
  const source = bodySource(options.body, { size, digests: needsMd5(connection, hashes?.md5), signal })
  try {
    const answer = await put(connection, upload, source, { size, md5: hashes?.md5 })
    const known = { ...answer, contentLength: source.given, metadata, contentType: contentType || unknownType }
    await settledTier(connection, place, signal)
    return objectOf(key, known)
  } catch (error) {
    if (nameOf(error) === 'ContainerNotFound') keeper.forget(place.container)
    throw error
  } finally {
    await source.release()
  }
}

/** What the service takes a blob for of which nobody said anything. */
const unknownType = 'application/octet-stream'

const needsMd5 = ({ options }: Connection, announced: string | undefined): boolean =>
  !options.disable_checksum || announced !== undefined

/** As the service evaluates them, after a look at what is there, since it knows neither lists nor our times. */
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
  if (ifNoneMatch?.includes('*')) return { ifNoneMatch: '*' }
  const { ifMatch: etag } = pushedConditions({ ifMatch }) ?? {}
  return etag === undefined ? {} : { ifMatch: etag }
}

/** What lies in the archive cannot be written over. */
async function clearArchived(connection: Connection, place: Place, signal: AbortSignal | undefined): Promise<void> {
  if (!connection.options.archive_tier_delete) return
  try {
    const details = await connection.vendor.blob(place).getProperties(until(signal))
    if (tierOf(details) === 'archive') await deleteBlob(connection, place, signal)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** In one request what is small, in blocks what is not. What is small is held, so that it can be sent again. */
async function put(
  connection: Connection,
  upload: Upload,
  source: BodySource,
  announced: { readonly size?: number | undefined; readonly md5?: string | undefined },
): Promise<BlobAnswer> {
  const length = blockSize(announced.size, connection.options.chunk_size)
  const first = (await source.next(length)) ?? emptyPiece()
  if (!(await source.peek())) return putBlocks(connection, upload, source, { first, length, md5: announced.md5 })
  checkMd5(announced.md5, first.md5)
  const mayRepeat = Object.keys(upload.conditions).length === 0
  return repeated(() => putWhole(connection, upload, first), { signal: upload.signal, mayRepeat })
}

async function putWhole({ vendor, options }: Connection, upload: Upload, piece: Piece): Promise<BlobAnswer> {
  const { place, metadata, conditions, signal } = upload
  const contentMD5 = Buffer.from(piece.md5, 'hex')
  const answer = await vendor.blocks(place).upload(bytesOf(piece), piece.bytes.length, {
    blobHTTPHeaders: headersOf(upload, contentMD5),
    transactionalContentMD5: contentMD5,
    metadata: { ...metadata },
    conditions,
    ...tierInput(options.access_tier),
    ...until(signal),
  })
  return { ...answer, contentMD5 }
}
