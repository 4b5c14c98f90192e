import { Readable } from 'node:stream'
import type { PushedConditions } from './conditions.ts'
import { type Connection, until } from './connection.ts'
import type { Piece } from '@filegate/core/http-body'
import { statusOf } from './errors.ts'
import { base64OfHex } from './metadata.ts'
import type { Place } from './place.ts'
import { signAs } from './requests.ts'
import { hidesMd5, type Said, uploadInput } from './attributes.ts'

/** What is uploaded, to where, and what is said of it. */
export interface Upload extends Place {
  readonly said: Said
  readonly conditions: PushedConditions
  /** What a copy keeps of its source. */
  readonly kept?: KeptHeaders | undefined
  readonly signal?: AbortSignal | undefined
}

export interface KeptHeaders {
  readonly Metadata?: Record<string, string>
  readonly ContentType?: string
  readonly ContentEncoding?: string
  readonly ContentDisposition?: string
  readonly ContentLanguage?: string
  readonly CacheControl?: string
  readonly Expires?: Date
}

/** What the answer to an upload tells. */
export interface Uploaded {
  readonly ETag?: string | undefined
  readonly VersionId?: string | undefined
  readonly ServerSideEncryption?: string | undefined
}

/** Signs a body in memory with the digest that is known of it. */
export function prepared({ settings }: Connection, { bytes, sha256 }: Piece): Uint8Array {
  signAs(bytes, settings.unsignedPayload ? 'UNSIGNED-PAYLOAD' : (sha256 ?? 'UNSIGNED-PAYLOAD'))
  return bytes
}

/**
 * Sends a request with its conditions, or without them to a service that does not know any: they were looked at before
 * the upload too, which is the best that can be had there.
 */
export async function conditionally<Result>(
  conditions: PushedConditions,
  request: (conditions: PushedConditions) => Promise<Result>,
): Promise<Result> {
  try {
    return await request(conditions)
  } catch (error) {
    if (Object.keys(conditions).length === 0 || statusOf(error) !== 501) throw error
    return request({})
  }
}

/** Uploads what is in memory. The vendor checks the MD5 before it lets the object be seen. */
export async function putPiece(connection: Connection, upload: Upload, piece: Piece): Promise<Uploaded> {
  const { settings, log } = connection
  const md5 = hidesMd5(settings) && !settings.disable_checksum ? piece.md5 : undefined
  const input = {
    ...placeInput(upload),
    ...uploadInput(settings, { ...upload.said, md5 }, log),
    ...(!settings.directory_bucket && { ContentMD5: base64OfHex(piece.md5) }),
    ContentLength: piece.bytes.length,
  }
  const body = prepared(connection, piece)
  return conditionally(upload.conditions, (conditions) => send(connection, upload, { ...input, ...conditions }, body))
}

/** Uploads a body of known length as it comes in. */
export async function putStream(
  connection: Connection,
  upload: Upload,
  { body, size }: { readonly body: Readable; readonly size: number },
): Promise<Uploaded> {
  const { settings, log } = connection
  const { md5 } = upload.said
  const input = {
    ...placeInput(upload),
    ...uploadInput(settings, { ...upload.said, md5: hidesMd5(settings) ? md5 : undefined }, log),
    ...upload.conditions,
    ...(md5 !== undefined && !settings.directory_bucket && { ContentMD5: base64OfHex(md5) }),
    ContentLength: size,
  }
  return send(connection, upload, input, body)
}

const placeInput = ({ bucket, key }: Upload) => ({ Bucket: bucket, Key: key })

type PutInput = Parameters<Connection['vendor']['s3']['putObject']>[0]

async function send(
  connection: Connection,
  { signal }: Upload,
  input: PutInput,
  body: Uint8Array | Readable,
): Promise<Uploaded> {
  const { vendor, settings } = connection
  if (settings.use_presigned_request) return sendPresigned(connection, input, body, signal)
  return vendor.s3.putObject({ ...input, Body: body }, until(signal))
}

const minutes15 = 900

async function sendPresigned(
  { vendor, fetch }: Connection,
  input: PutInput,
  body: Uint8Array | Readable,
  signal: AbortSignal | undefined,
): Promise<Uploaded> {
  const { ContentLength: length = 0 } = input
  const { url, headers } = await vendor.presign('PUT', input, minutes15)
  const response = await fetch(url, {
    method: 'PUT',
    headers: { ...headers, 'content-length': String(length) },
    ...(body instanceof Readable
      ? { body: Readable.toWeb(body), duplex: 'half' as const }
      : { body: new Uint8Array(body) }),
    ...(signal && { signal }),
  })
  const text = await response.text()
  const header = (name: string): string | undefined => response.headers.get(name) ?? undefined
  if (response.ok) {
    return {
      ETag: header('etag'),
      VersionId: header('x-amz-version-id'),
      ServerSideEncryption: header('x-amz-server-side-encryption'),
    }
  }
  const name = /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? 'UnknownError'
  throw Object.assign(new Error(`The upload answered ${response.status}.`), {
    name,
    $metadata: { httpStatusCode: response.status },
  })
}
