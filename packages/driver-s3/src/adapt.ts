import type { BucketObject } from '@filegate/core'
import { digestKey, hexOfBase64, parseTime, timeKey } from './metadata.ts'
import type { Settings } from './settings.ts'

/** What the answers about one object, HEAD and GET, have in common. */
export interface ObjectAnswer {
  readonly ContentLength?: number | undefined
  readonly ContentType?: string | undefined
  readonly ContentEncoding?: string | undefined
  readonly ContentRange?: string | undefined
  readonly ETag?: string | undefined
  readonly LastModified?: Date | undefined
  readonly Metadata?: Readonly<Record<string, string>> | undefined
  readonly ServerSideEncryption?: string | undefined
  readonly SSECustomerAlgorithm?: string | undefined
  readonly VersionId?: string | undefined
}

/** What a listing tells of an object. */
export interface ListedObject {
  readonly Key?: string | undefined
  readonly Size?: number | undefined
  readonly ETag?: string | undefined
  readonly LastModified?: Date | undefined
  readonly VersionId?: string | undefined
}

type AdaptSettings = Pick<Settings, 'decompress' | 'etagIsMd5' | 'no_system_metadata'>

/** Some services forget the quotes, and after an upload in parts some forget the etag. */
export function quotedEtag(etag: string | undefined): string | undefined {
  const bare = etag?.replaceAll('"', '').replace(/^W\//, '')
  return bare ? `"${bare}"` : undefined
}

export function objectOf(key: string, answer: ObjectAnswer, settings: AdaptSettings): BucketObject {
  const { ContentType: contentType, VersionId: version } = answer
  const modified = parseTime(answer.Metadata?.[timeKey]) ?? answer.LastModified?.getTime()
  const isInflated = settings.decompress && isGzip(answer)
  const etag = quotedEtag(answer.ETag)
  const md5 = isInflated ? undefined : md5Of(answer, settings)
  return {
    key,
    facts: {
      ...(!isInflated && { size: totalSize(answer) }),
      ...(modified !== undefined && { modified }),
      ...(etag !== undefined && { etag }),
      ...(contentType !== undefined && !settings.no_system_metadata && { contentType }),
      ...(version !== undefined && { version }),
      ...(md5 !== undefined && { hashes: { md5 } }),
    },
  }
}

/** What an answer to a range says of itself. */
export const rangeOf = (answer: Pick<ObjectAnswer, 'ContentRange' | 'ContentLength'>) => ({
  contentRange: answer.ContentRange,
  size: totalSize(answer),
})

export const isGzip = ({ ContentEncoding: encoding = '' }: Pick<ObjectAnswer, 'ContentEncoding'>): boolean =>
  storedEncodings(encoding).includes('gzip')

/** Services answer with the encoding that an upload was framed in; that is no property of the object. */
export const storedEncodings = (encoding: string): readonly string[] =>
  encoding
    .toLowerCase()
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '' && word !== 'aws-chunked')

/** Of the whole object, also when the answer holds a range of it. */
export function totalSize({ ContentLength: length, ContentRange: range }: ObjectAnswer): number | undefined {
  const total = /\/(\d+)\s*$/.exec(range ?? '')?.[1]
  return total === undefined ? length : Number(total)
}

/**
 * The MD5 of an object, in hexadecimal: what was kept beside it, else an etag that is one. Etags of parts and of
 * encryption with keys are not.
 */
export function md5Of(answer: ObjectAnswer, { etagIsMd5 }: Pick<Settings, 'etagIsMd5'>): string | undefined {
  const kept = hexOfBase64(answer.Metadata?.[digestKey], 16)
  if (kept !== undefined) return kept
  const encrypted = answer.SSECustomerAlgorithm || answer.ServerSideEncryption?.startsWith('aws:kms')
  const etag = answer.ETag?.replaceAll('"', '') ?? ''
  return etagIsMd5 && !encrypted && /^[0-9a-f]{32}$/.test(etag) ? etag : undefined
}

/**
 * A line of a listing. It has no metadata, so the time is that of the upload, in whole seconds as in all other answers;
 * nor is it known whether the etag is a digest.
 */
export function listedOf(key: string, listed: ListedObject, settings: AdaptSettings): BucketObject {
  const { Size: size, LastModified: uploaded, VersionId: version } = listed
  const etag = quotedEtag(listed.ETag)
  return {
    key,
    facts: {
      // What lies compressed is shown as it was before, and how long that is nobody knows.
      ...(size !== undefined && !settings.decompress && { size }),
      ...(uploaded && { modified: Math.floor(uploaded.getTime() / 1000) * 1000 }),
      ...(etag !== undefined && { etag }),
      ...(version !== undefined && { version }),
    },
  }
}
