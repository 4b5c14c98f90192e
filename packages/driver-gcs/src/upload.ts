import type { Operation } from '@filegate/core'
import { randomUUID } from 'node:crypto'
import { jsonOf } from './answers.ts'
import type { PushedConditions } from './conditions.ts'
import { type Connection, objectAcl, payer } from './connection.ts'
import { uploadsOf } from './endpoint.ts'
import { base64OfHex, timeMetadata } from './metadata.ts'
import type { Place } from './place.ts'
import { resource, type Resource } from './resource.ts'
import { repeated } from './retry.ts'
import { queryOf } from './vendor.ts'

/** What is uploaded, to where, and what is said of it. */
export interface Upload extends Operation {
  readonly place: Place
  /** Unix milliseconds. */
  readonly modified?: number | undefined
  readonly contentType?: string | undefined
  /** Of the whole body, in hexadecimal, where it is known before. */
  readonly md5?: string | undefined
  readonly conditions: PushedConditions
}

/** What is said of a new object besides its bytes. */
export function uploadMetadata({ options }: Connection, { place, modified, contentType, md5 }: Upload) {
  return {
    name: place.key,
    ...(contentType !== undefined && contentType !== '' && { contentType }),
    ...(modified !== undefined && { metadata: timeMetadata(modified) }),
    ...(options.storage_class !== '' && { storageClass: options.storage_class }),
    // The vendor checks it before it lets the object be seen.
    ...(md5 !== undefined && { md5Hash: base64OfHex(md5) }),
  }
}

export function uploadUrl(connection: Connection, { place, conditions }: Upload, uploadType: string): string {
  const query = { uploadType, predefinedAcl: objectAcl(connection), ...conditions, ...payer(connection) }
  return `${uploadsOf(connection.endpoint)}/b/${place.bucket}/o${queryOf(query)}`
}

/** Uploads what is in memory in one request: RFC 2387, metadata first. */
export async function uploadWhole(connection: Connection, upload: Upload, bytes: Uint8Array): Promise<Resource> {
  const boundary = randomUUID()
  const head =
    `--${boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n` +
    `${JSON.stringify(uploadMetadata(connection, upload))}\r\n` +
    `--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`
  const { signal } = upload
  const sent = {
    method: 'POST',
    url: uploadUrl(connection, upload, 'multipart'),
    headers: { 'content-type': `multipart/related; boundary=${boundary}` },
    body: [Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)],
    signal,
  }
  const mayRepeat = Object.keys(upload.conditions).length === 0
  const answer = await repeated(async () => jsonOf(await connection.vendor.exchange(sent)), { signal, mayRepeat })
  return resource.parse(answer)
}
