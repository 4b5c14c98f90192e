import type { BucketObject } from '@filegate/core'
import { z } from 'zod'
import { hexOfBase64, keptTime, parseTime } from './metadata.ts'

/** A number of 64 bits, as JSON of the vendor has them. */
const digits = z.string().regex(/^\d{1,20}$/)

/** What the vendor tells of an object: https://cloud.google.com/storage/docs/json_api/v1/objects#resource. */
export const resource = z.object({
  name: z.string(),
  generation: digits,
  size: digits.optional(),
  updated: z.string().optional(),
  md5Hash: z.string().optional(),
  crc32c: z.string().optional(),
  contentType: z.string().optional(),
  contentEncoding: z.string().optional(),
  contentDisposition: z.string().optional(),
  contentLanguage: z.string().optional(),
  cacheControl: z.string().optional(),
  customTime: z.string().optional(),
  storageClass: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
})

export type Resource = z.output<typeof resource>

/** What a listing has to tell of an object. */
export const listedFields = Object.keys(resource.shape).join(',')

export const isGzip = ({ contentEncoding = '' }: Pick<Resource, 'contentEncoding'>): boolean =>
  /(?:^|,)\s*gzip\s*$/i.test(contentEncoding)

/** Changes with the bytes and with nothing else, and can be asked for again. */
export const etagOf = ({ generation }: Pick<Resource, 'generation'>): string => `"${generation}"`

/** An object as users see it; one that is shown inflated has neither a known size nor digests. */
export function objectOf(key: string, known: Resource, { decompress }: { readonly decompress: boolean }): BucketObject {
  const { size, contentType } = known
  const modified = keptTime(known.metadata) ?? parseTime(known.updated)
  const isInflated = decompress && isGzip(known)
  const md5 = hexOfBase64(known.md5Hash, 16)
  const crc32c = hexOfBase64(known.crc32c, 4)
  const hashes = { ...(md5 !== undefined && { md5 }), ...(crc32c !== undefined && { crc32c }) }
  return {
    key,
    facts: {
      ...(size !== undefined && !isInflated && { size: Number(size) }),
      ...(modified !== undefined && { modified }),
      etag: etagOf(known),
      ...(contentType !== undefined && { contentType }),
      ...(!isInflated && Object.keys(hashes).length > 0 && { hashes }),
    },
  }
}
