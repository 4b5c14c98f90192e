import type { Piece } from '@filegate/core/http-body'
import type { PushedConditions } from './conditions.ts'
import type { Place } from './place.ts'

/** What is uploaded to where, and what is said of it. */
export interface Upload {
  readonly place: Place
  readonly metadata: Readonly<Record<string, string>>
  readonly contentType: string
  readonly conditions: PushedConditions
  readonly signal?: AbortSignal | undefined
}

/** What is kept beside the bytes in headers of their own. */
export const headersOf = ({ contentType }: Upload, md5: Uint8Array | undefined) => ({
  ...(md5 && { blobContentMD5: md5 }),
  ...(contentType !== '' && { blobContentType: contentType }),
})

/** The library sends such bytes as they are, without a copy. */
export const bytesOf = ({ bytes }: Piece): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
