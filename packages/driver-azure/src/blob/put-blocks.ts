import { StorageError } from '@filegate/core'
import { type BodySource, checkMd5, type Piece } from '@filegate/core/http-body'
import { inLanes, type Work } from '../streams/in-lanes.ts'
import type { BlobAnswer } from './adapt.ts'
import { blockNames, type BlockNames } from './block-names.ts'
import { type Connection, until } from './connection.ts'
import { nameOf } from './errors.ts'
import { repeated } from './retry.ts'
import { tierInput } from './tier.ts'
import { bytesOf, headersOf, type Upload } from './upload.ts'

const mebibyte = 1_048_576
/** https://learn.microsoft.com/rest/api/storageservices/put-block-list */
const mostBlocks = 50_000

/** The size of the blocks of a blob: as set, or more where there would be too many of them. */
export function blockSize(size: number | undefined, wanted: number): number {
  const needed = Math.ceil((size ?? 0) / mostBlocks)
  return needed <= wanted ? wanted : Math.ceil(needed / mebibyte) * mebibyte
}

interface Blocks {
  /** Was read already. */
  readonly first: Piece
  readonly length: number
  /** Of the whole, as it was announced. */
  readonly md5?: string | undefined
}

/**
 * Uploads a body in blocks, several of which are under way at once. The blob appears when all are there; what a failure leaves
 * behind is no part of any blob, and the service drops it after a week.
 */
export async function putBlocks(
  connection: Connection,
  upload: Upload,
  source: BodySource,
  { first, length, md5 }: Blocks,
): Promise<BlobAnswer> {
  const { options } = connection
  const names = blockNames(connection, upload)
  let waiting: Piece | undefined = first
  let count = 0
  const next = async (): Promise<Work | undefined> => {
    const piece = waiting ?? (await source.next(length))
    waiting = undefined
    if (!piece) return undefined
    if (count === mostBlocks) throw tooManyBlocks(length)
    const number = count++
    return (signal) => putBlock(connection, { ...upload, signal }, names, { number, piece })
  }
  await inLanes(options.upload_concurrency, next, upload.signal)
  const whole = source.md5()
  checkMd5(md5, whole)
  return committed(connection, upload, names.list(count), options.disable_checksum ? undefined : whole)
}

async function putBlock(
  { vendor }: Connection,
  { place, signal }: Upload,
  names: BlockNames,
  { number, piece }: { readonly number: number; readonly piece: Piece },
): Promise<void> {
  const client = vendor.blocks(place)
  const checked = { transactionalContentMD5: Buffer.from(piece.md5, 'hex'), ...until(signal) }
  const stage = async () =>
    repeated(() => client.stageBlock(names.of(number), bytesOf(piece), piece.bytes.length, checked), { signal })
  try {
    await stage()
  } catch (error) {
    if (nameOf(error) !== 'InvalidBlobOrBlock' || !(await names.adapt(signal))) throw error
    await stage()
  }
  names.settle()
}

async function committed(
  { vendor, options }: Connection,
  upload: Upload,
  names: string[],
  md5: string | undefined,
): Promise<BlobAnswer> {
  const contentMD5 = md5 === undefined ? undefined : Buffer.from(md5, 'hex')
  const { place, metadata, conditions, signal } = upload
  const commit = () =>
    vendor.blocks(place).commitBlockList(names, {
      blobHTTPHeaders: headersOf(upload, contentMD5),
      metadata: { ...metadata },
      conditions,
      ...tierInput(options.access_tier),
      ...until(signal),
    })
  const answer = await repeated(commit, { signal, mayRepeat: false })
  return { ...answer, contentMD5 }
}

function tooManyBlocks(length: number): StorageError {
  const message = `The body does not end within ${mostBlocks} blocks of ${length} bytes. Announce its size, or raise chunk_size.`
  return new StorageError('TooLarge', message)
}
