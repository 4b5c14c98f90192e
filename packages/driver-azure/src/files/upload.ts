import type { FileHttpHeaders, ShareFileClient } from '@azure/storage-file-share'
import { StorageError, type WriteOptions } from '@filegate/core'
import type { BodySource, Piece } from '@filegate/core/http-body'
import { inLanes } from '../streams/in-lanes.ts'
import { type Connection, until } from './connection.ts'
import { largestRange } from './options.ts'
import { repeated } from './repeated.ts'

/** A file that is being made, under a name that nobody sees. */
export interface Upload extends Pick<WriteOptions, 'size' | 'modified' | 'contentType' | 'signal'> {
  readonly connection: Connection
  readonly file: ShareFileClient
  /** Runs what creates the file, with the directories above it. */
  readonly placed: (create: () => Promise<unknown>) => Promise<unknown>
}

export const rangeSize = ({ options }: Connection): number => Math.min(options.chunk_size, largestRange)

/** Makes a file of bytes that are all at hand; of none at all without a piece. */
export async function uploadWhole(upload: Upload, piece: Piece | undefined, md5: string | undefined): Promise<void> {
  const { file, modified, signal } = upload
  const details = {
    fileHttpHeaders: headersOf(upload, md5),
    ...(modified !== undefined && { lastWriteTime: new Date(modified) }),
    ...until(signal),
  }
  await upload.placed(() => repeated(() => file.create(piece?.bytes.length ?? 0, details), { signal }))
  if (piece) await putRange(upload, piece, 0, signal)
}

/**
 * Makes a file of a body that comes in, several ranges of which are under way at once. A file has a length from the start; the
 * true one is set in the end where it was not announced.
 * @param first was read already
 */
export async function uploadRanges(upload: Upload, source: BodySource, first: Piece): Promise<void> {
  const { connection, file, size, signal } = upload
  const { max_stream_size: most, upload_concurrency: lanes } = connection.options
  const create = () => file.create(size ?? most, { fileHttpHeaders: headersOf(upload, undefined), ...until(signal) })
  await upload.placed(() => repeated(create, { signal }))
  let waiting: Piece | undefined = first
  let offset = 0
  const next = async () => {
    const piece = waiting ?? (await source.next(rangeSize(connection)))
    waiting = undefined
    if (!piece) return undefined
    const start = offset
    offset += piece.bytes.length
    if (size === undefined && offset > most) throw tooLong(most)
    return (stopped: AbortSignal) => putRange(upload, piece, start, stopped)
  }
  await inLanes(lanes, next, signal)
  if (size === undefined) await repeated(() => file.resize(offset, until(signal)), { signal })
  await describe(upload, source.md5())
}

/** What is known only once all bytes have come. Headers that are not named again would be gone. */
async function describe(upload: Upload, md5: string | undefined): Promise<void> {
  const { file, modified, signal } = upload
  const lastWriteTime = modified === undefined ? 'now' : new Date(modified)
  const set = () => file.setHttpHeaders(headersOf(upload, md5), { lastWriteTime, ...until(signal) })
  await repeated(set, { signal })
}

const headersOf = ({ contentType }: Upload, md5: string | undefined): FileHttpHeaders => ({
  ...(contentType !== undefined && { fileContentType: contentType }),
  ...(md5 !== undefined && { fileContentMD5: Buffer.from(md5, 'hex') }),
})

async function putRange(
  { file }: Upload,
  { bytes, md5 }: Piece,
  offset: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const details = {
    contentMD5: Buffer.from(md5, 'hex'),
    // Otherwise each range would set the time anew.
    fileLastWrittenMode: 'Preserve',
    ...until(signal),
  } as const
  await repeated(() => file.uploadRange(bytes, offset, bytes.length, details), { signal })
}

function tooLong(most: number): StorageError {
  const message = `The body is longer than the ${most} bytes of max_stream_size. Announce its size, or raise that.`
  return new StorageError('TooLarge', message)
}
