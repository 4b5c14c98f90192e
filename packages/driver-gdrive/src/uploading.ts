import type { Operation } from '@filegate/core'
import { repeating } from '@filegate/core/http-body'
import { randomUUID } from 'node:crypto'
import { jsonOf } from './answers.ts'
import type { Connection } from './connection.ts'
import { classify } from './errors.ts'
import { kept } from './find-files.ts'
import type { Resource } from './resource.ts'

/** What is uploaded, to where, and what is said of it. */
export interface Upload extends Operation {
  /** The file that is given new bytes; absent for a new one. */
  readonly fileId?: string | undefined
  /** The folder of a new one. */
  readonly folder?: string | undefined
  /** What is said of the file besides its bytes. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** Of the bytes. */
  readonly contentType: string
}

/** Tries a request again whose body is still in memory. */
export const repeated = repeating('drive', classify)

export const uploadHeaders = ({ keys }: Connection, { fileId, folder }: Upload): Record<string, string> =>
  keys.headersFor([fileId, folder].filter((id) => id !== undefined))

export const uploadMethod = ({ fileId }: Upload): 'PATCH' | 'POST' => (fileId === undefined ? 'POST' : 'PATCH')

export function uploadUrl({ options, fields }: Connection, { fileId }: Upload, uploadType: string): string {
  const at = fileId === undefined ? '' : `/${encodeURIComponent(fileId)}`
  const query = new URLSearchParams({ uploadType, supportsAllDrives: 'true', fields })
  if (options.keep_revision_forever) query.set('keepRevisionForever', 'true')
  return `https://www.googleapis.com/upload/drive/v3/files${at}?${query.toString()}`
}

/** Uploads what is in memory in one request: RFC 2387, metadata first. */
export async function uploadWhole(connection: Connection, upload: Upload, bytes: Uint8Array): Promise<Resource> {
  const { head, tail, headers } = envelope(connection, upload)
  const { signal } = upload
  const body = Buffer.concat([head, bytes, tail])
  const sent = { method: uploadMethod(upload), url: uploadUrl(connection, upload, 'multipart'), headers, body, signal }
  // A second try after an answer that was lost would make a second file.
  const mayRepeat = upload.fileId !== undefined
  const answer = await repeated(async () => jsonOf(await connection.vendor.exchange(sent)), { signal, mayRepeat })
  return kept(connection, answer)
}

/** Uploads what comes in, in one request: what is too long to be held, and to be sent again. */
export async function uploadStream(
  connection: Connection,
  upload: Upload,
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): Promise<Resource> {
  const { head, tail, headers } = envelope(connection, upload)
  const body = ReadableStream.from(enclosed(head, chunks, tail))
  const answer = await connection.vendor.exchange({
    method: uploadMethod(upload),
    url: uploadUrl(connection, upload, 'multipart'),
    headers: { ...headers, 'content-length': String(head.length + size + tail.length) },
    body,
    signal: upload.signal,
  })
  return kept(connection, await jsonOf(answer))
}

async function* enclosed(head: Uint8Array, chunks: AsyncIterable<Uint8Array>, tail: Uint8Array) {
  yield head
  yield* chunks
  yield tail
}

function envelope(connection: Connection, upload: Upload) {
  const boundary = randomUUID()
  const head =
    `--${boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(upload.metadata)}\r\n` +
    `--${boundary}\r\ncontent-type: ${upload.contentType}\r\n\r\n`
  return {
    head: Buffer.from(head),
    tail: Buffer.from(`\r\n--${boundary}--\r\n`),
    headers: { ...uploadHeaders(connection, upload), 'content-type': `multipart/related; boundary=${boundary}` },
  }
}
