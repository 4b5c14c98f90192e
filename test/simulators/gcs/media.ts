import type { IncomingHttpHeaders } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { type ByteRange, oneRange } from '../one-range.ts'
import { ApiError } from './api-error.ts'
import { type Content, contentOf, sliceContent } from './content.ts'
import { type Answer, oneHeader } from './exchange.ts'
import { entityTag } from './resources.ts'
import type { StoredObject } from './state.ts'

/** The bytes of an object, or a range of them. */
export function answerMedia(object: StoredObject, headers: IncomingHttpHeaders): Answer {
  const inflated = inflate(object, headers)
  const common = describe(object)
  if (inflated) {
    // A range is passed over where the service inflates, and nobody knows the length (…/storage/docs/transcoding).
    return { status: 200, headers: { ...common, warning: '214 UploadServer gunzipped' }, body: inflated.pieces }
  }
  const { content, fields } = object
  const whole = {
    ...common,
    ...(fields.contentEncoding !== undefined && { 'content-encoding': fields.contentEncoding }),
  }
  const range = readRange(oneHeader(headers, 'range'), content.size)
  if (!range) {
    return { status: 200, headers: { ...whole, 'content-length': String(content.size) }, body: content.pieces }
  }
  const { start, end } = range
  return {
    status: 206,
    headers: {
      ...whole,
      'content-length': String(end - start),
      'content-range': `bytes ${start}-${end - 1}/${content.size}`,
    },
    body: sliceContent(content, start, end),
  }
}

function describe(object: StoredObject): Record<string, string> {
  const { fields, checksums, content } = object
  const hashes = [
    `crc32c=${checksums.crc32c}`,
    ...(checksums.md5Hash === undefined ? [] : [`md5=${checksums.md5Hash}`]),
  ]
  return {
    'content-type': fields.contentType ?? 'application/octet-stream',
    'cache-control': fields.cacheControl ?? 'no-cache, no-store, max-age=0, must-revalidate',
    'content-disposition': fields.contentDisposition ?? 'attachment',
    ...(fields.contentLanguage !== undefined && { 'content-language': fields.contentLanguage }),
    etag: entityTag(object),
    'x-goog-generation': String(object.generation),
    'x-goog-metageneration': String(object.metageneration),
    'x-goog-hash': hashes.join(','),
    'x-goog-storage-class': fields.storageClass ?? 'STANDARD',
    'x-goog-stored-content-encoding': fields.contentEncoding ?? 'identity',
    'x-goog-stored-content-length': String(content.size),
    vary: 'Origin, X-Origin',
  }
}

/** What the service sends to those who do not accept gzip; `undefined` where it sends what is stored. */
function inflate({ fields, content }: StoredObject, headers: IncomingHttpHeaders): Content | undefined {
  if (fields.contentEncoding !== 'gzip' || fields.cacheControl?.includes('no-transform')) return undefined
  if (/\bgzip\b/.test(oneHeader(headers, 'accept-encoding') ?? '')) return undefined
  const stored = Buffer.concat(content.pieces)
  // Only named so: the bytes are no gzip, and go out as they are.
  if (stored.length < 2 || stored.readUInt16BE() !== 0x1f8b) return undefined
  return contentOf([gunzipSync(stored)])
}

/** @throws ApiError 416 */
function readRange(header: string | undefined, size: number): ByteRange | undefined {
  const range = oneRange(header, size)
  if (range !== 'unsatisfiable') return range
  throw new ApiError(416, 'requestedRangeNotSatisfiable', 'Request range not satisfiable', {
    locationType: 'header',
    location: 'range',
    headers: { 'content-range': `bytes */${size}` },
  })
}
