import { StorageError } from '@filegate/core'
import { md5Of } from './adapt.ts'
import { type BodySource, checkMd5, type Piece } from '@filegate/core/http-body'
import { type Connection, customerKeyInput, until } from './connection.ts'
import { inParts, type Part } from './in-parts.ts'
import { base64OfHex } from './metadata.ts'
import { prepared, type Upload, type Uploaded } from './put-request.ts'
import { repeated } from './retry.ts'

const mebibyte = 1_048_576

/** The size of the parts of a file: as set, or more where there would be too many of them. */
export function partSize(size: number | undefined, wanted: number, maximumParts: number): number {
  if (size === undefined) return wanted
  const needed = Math.ceil(size / maximumParts)
  return needed <= wanted ? wanted : Math.ceil(needed / mebibyte) * mebibyte
}

/** Uploads a body in parts. `first` was read already. */
export async function putParts(
  connection: Connection,
  upload: Upload,
  source: BodySource,
  { first, size }: { readonly first?: Piece | undefined; readonly size?: number | undefined },
): Promise<Uploaded> {
  const { chunkSize, maximumParts } = connection.settings
  const length = partSize(size, chunkSize, maximumParts)
  let waiting = first
  let count = 0
  return inParts(connection, upload, async () => {
    const piece = waiting ?? (await source.next(length))
    waiting = undefined
    if (!piece) {
      checkMd5(upload.said.md5, source.md5())
      return undefined
    }
    count += 1
    if (count > maximumParts) throw tooManyParts(maximumParts, length)
    const number = count
    return (id, signal) => putPart(connection, { ...upload, signal }, { id, number, piece })
  })
}

async function putPart(
  connection: Connection,
  { bucket, key, signal }: Upload,
  { id, number, piece }: { readonly id: string; readonly number: number; readonly piece: Piece },
): Promise<Part> {
  const { vendor, settings } = connection
  const input = {
    Bucket: bucket,
    Key: key,
    UploadId: id,
    PartNumber: number,
    ContentLength: piece.bytes.length,
    ...(!settings.directory_bucket && { ContentMD5: base64OfHex(piece.md5) }),
    ...customerKeyInput(settings),
  }
  const Body = prepared(connection, piece)
  const answer = await repeated(() => vendor.s3.uploadPart({ ...input, Body }, until(signal)), { signal })
  const { ETag } = answer
  if (ETag === undefined) throw new StorageError('Unexpected', 'The vendor took a part without an etag for it.')
  const arrived = md5Of(answer, settings)
  if (settings.verifiesEtag && arrived !== undefined && arrived !== piece.md5) {
    throw new StorageError('Unexpected', `Part ${number} of the upload arrived damaged.`)
  }
  return { PartNumber: number, ETag, ...(arrived !== undefined && { md5: piece.md5 }) }
}

function tooManyParts(parts: number, length: number): StorageError {
  const message = `The body does not end within ${parts} parts of ${length} bytes. Announce its size, or raise chunk_size.`
  return new StorageError('TooLarge', message)
}
