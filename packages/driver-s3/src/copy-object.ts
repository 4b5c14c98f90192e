import { type BucketObject, notFound, type Operation } from '@filegate/core'
import { objectOf, storedEncodings, totalSize } from './adapt.ts'
import { storageInput } from './attributes.ts'
import { bucketItem } from './buckets.ts'
import { type Connection, until } from './connection.ts'
import { encodedKey } from './encoded-key.ts'
import type { EnsureBucket } from './ensure-bucket.ts'
import { foundDetails, type ObjectDetails } from './head.ts'
import { inParts, type PartWork } from './in-parts.ts'
import type { Target } from './locate.ts'
import { formatTime, timeKey } from './metadata.ts'
import { type Place, placeToWrite } from './place.ts'
import { partSize } from './put-parts.ts'
import type { KeptHeaders } from './put-request.ts'

/** Copies an object inside the service, over what is there; a bucket as the place to copy into is made. */
export async function copyObject(
  connection: Connection,
  ensure: EnsureBucket,
  [from, to]: readonly [from: string, to: string],
  options: Operation,
): Promise<BucketObject> {
  const destination = placeToWrite(connection.places, to)
  await ensure(destination.bucket, options.signal)
  const isBucket = connection.places.only === undefined && connection.places.of(from).key === ''
  if (isBucket || destination.key === '') return bucketItem(destination.bucket)
  const { target, details } = await foundDetails(connection, from, options)
  return copied(connection, { target, details, destination, key: to, signal: options.signal })
}

/** Keeps the bytes of an object and gives it another time, which costs a copy onto itself. */
export async function changeTime(
  connection: Connection,
  key: string,
  { modified, signal }: Operation & { readonly modified: number },
): Promise<BucketObject> {
  const { target, details } = await foundDetails(connection, key, { signal })
  if (target.version !== undefined) throw notFound(key)
  const metadata = { ...details.Metadata, [timeKey]: formatTime(modified) }
  return copied(connection, { target, details, destination: target, key, signal, metadata })
}

interface Copy {
  readonly target: Target
  readonly details: ObjectDetails
  readonly destination: Place
  /** Of the copy, as the connection knows it. */
  readonly key: string
  readonly signal: AbortSignal | undefined
  /** In place of what the source has. */
  readonly metadata?: Record<string, string>
}

/** The source as the header names it: percent-encoded, with its version. */
export function copySource({ bucket, key, version }: Target): string {
  return `${bucket}/${encodedKey(key)}${version === undefined ? '' : `?versionId=${encodeURIComponent(version)}`}`
}

async function copied(connection: Connection, copy: Copy): Promise<BucketObject> {
  const { settings } = connection
  const { details, metadata = details.Metadata, key } = copy
  const size = totalSize(details) ?? 0
  const answer =
    size > settings.copyCutoff ? await copyInParts(connection, copy, size) : await copyWhole(connection, copy)
  const { ETag, LastModified, VersionId } = answer
  const { VersionId: _old, LastModified: _time, ...rest } = details
  return objectOf(
    key,
    {
      ...rest,
      Metadata: metadata,
      ...(ETag !== undefined && { ETag }),
      ...(LastModified && { LastModified: wholeSeconds(LastModified) }),
      ...(VersionId !== undefined && { VersionId }),
    },
    settings,
  )
}

/** As the answer about an object has it. */
const wholeSeconds = (time: Date): Date => new Date(Math.floor(time.getTime() / 1000) * 1000)

interface CopyAnswer {
  readonly ETag?: string | undefined
  readonly LastModified?: Date | undefined
  readonly VersionId?: string | undefined
}

async function copyWhole({ vendor, settings }: Connection, copy: Copy): Promise<CopyAnswer> {
  const { target, details, destination, metadata, signal } = copy
  const answer = await vendor.s3.copyObject(
    {
      Bucket: destination.bucket,
      Key: destination.key,
      CopySource: copySource(target),
      ...sourceKey(settings),
      ...storageInput(settings),
      ...(metadata && { MetadataDirective: 'REPLACE' as const, ...kept(details), Metadata: metadata }),
    },
    until(signal),
  )
  return { ...answer.CopyObjectResult, VersionId: answer.VersionId }
}

async function copyInParts(connection: Connection, copy: Copy, size: number): Promise<CopyAnswer> {
  const { settings, vendor } = connection
  const { target, details, destination, metadata, signal } = copy
  const length = partSize(size, settings.copyCutoff, settings.maximumParts)
  const source = { CopySource: copySource(target), ...sourceKey(settings), ...storageKey(settings) }
  let offset = 0
  let number = 0
  const next = async (): Promise<PartWork | undefined> => {
    if (offset >= size) return undefined
    const [start, end] = [offset, Math.min(size, offset + length)]
    const PartNumber = ++number
    offset = end
    return async (UploadId, partSignal) => {
      const { CopyPartResult } = await vendor.s3.uploadPartCopy(
        {
          Bucket: destination.bucket,
          Key: destination.key,
          UploadId,
          PartNumber,
          CopySourceRange: `bytes=${start}-${end - 1}`,
          // All parts have to come from the same bytes.
          ...(details.ETag !== undefined && { CopySourceIfMatch: details.ETag }),
          ...source,
        },
        until(partSignal),
      )
      return { PartNumber, ETag: CopyPartResult?.ETag ?? '' }
    }
  }
  const metadataKept = { ...kept(details), Metadata: metadata ?? { ...details.Metadata } }
  const upload = { ...destination, said: {}, conditions: {}, kept: metadataKept, signal }
  return inParts(connection, upload, next)
}

/** What an object has besides its bytes and its metadata; it would be lost where metadata is replaced. */
function kept(details: ObjectDetails): KeptHeaders {
  const encoding = storedEncodings(details.ContentEncoding ?? '').join(',')
  const expires = Date.parse(details.ExpiresString ?? '')
  return {
    ...(details.ContentType !== undefined && { ContentType: details.ContentType }),
    ...(encoding !== '' && { ContentEncoding: encoding }),
    ...(details.ContentDisposition !== undefined && { ContentDisposition: details.ContentDisposition }),
    ...(details.ContentLanguage !== undefined && { ContentLanguage: details.ContentLanguage }),
    ...(details.CacheControl !== undefined && { CacheControl: details.CacheControl }),
    ...(!Number.isNaN(expires) && { Expires: new Date(expires) }),
  }
}

type Encryption = Pick<Connection['settings'], 'customerKey'>

const sourceKey = ({ customerKey }: Encryption) =>
  customerKey && { CopySourceSSECustomerAlgorithm: customerKey.algorithm, CopySourceSSECustomerKey: customerKey.base64 }

const storageKey = ({ customerKey }: Encryption) =>
  customerKey && { SSECustomerAlgorithm: customerKey.algorithm, SSECustomerKey: customerKey.base64 }
