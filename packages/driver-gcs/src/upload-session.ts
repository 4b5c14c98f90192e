import { StorageError } from '@filegate/core'
import { checkMd5, passOver } from '@filegate/core/http-body'
import { statusOf } from '@filegate/google-login'
import { jsonOf } from './answers.ts'
import type { BodySource } from './body-source.ts'
import type { Answer } from './client.ts'
import type { Connection } from './connection.ts'
import { base64OfHex } from './metadata.ts'
import { resource, type Resource } from './resource.ts'
import { repeated } from './retry.ts'
import { type Upload, uploadMetadata, uploadUrl } from './upload.ts'
import { unfinished } from './vendor.ts'

/** Bytes of a chunk: a multiple of 256 KiB, as the vendor wants it, and what an upload holds in memory. */
export const chunkSize = 8 * 1_048_576
/** Milliseconds that cleaning up after a failure may take. */
const cleaning = 30_000

/** A piece of a body, where it begins, and how long all of it is once that is known. */
interface Chunk {
  readonly bytes: Uint8Array
  readonly start: number
  readonly total?: number | undefined
  /** Of the whole body, with the last chunk. */
  readonly md5?: string | undefined
}

/**
 * Uploads a body chunk by chunk: https://cloud.google.com/storage/docs/performing-resumable-uploads. What breaks off goes on
 * at the byte up to which the vendor has it. The object appears when all is there; a failure leaves nothing.
 */
export async function uploadInChunks(
  connection: Connection,
  upload: Upload,
  { source, first }: { readonly source: BodySource; readonly first: Uint8Array },
): Promise<Resource> {
  const session = await begin(connection, upload)
  try {
    let bytes = first
    for (let start = 0; ; start += chunkSize) {
      const isLast = await source.isOver()
      if (isLast) checkMd5(upload.md5, source.md5())
      const ending = isLast ? { total: source.given, md5: source.md5() } : {}
      const done = await deliver(connection, upload, session, { bytes, start, ...ending })
      if (done && isLast) return done
      if (done || isLast) throw new StorageError('Unexpected', 'The vendor did not take the upload to its end.')
      bytes = (await source.next(chunkSize)) ?? new Uint8Array()
    }
  } catch (error) {
    await cancel(connection, session)
    throw error
  }
}

/** @returns the address of the session, which is as good as a password for it */
async function begin(connection: Connection, upload: Upload): Promise<string> {
  const { signal } = upload
  const sent = {
    method: 'POST',
    url: uploadUrl(connection, upload, 'resumable'),
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: [Buffer.from(JSON.stringify(uploadMetadata(connection, upload)))],
    signal,
  }
  const answer = await repeated(() => connection.vendor.exchange(sent), { signal })
  passOver(answer.stream)
  const { location } = answer.headers
  if (location === undefined) throw new StorageError('Unexpected', 'The vendor began an upload without a place for it.')
  return new URL(location, sent.url).href
}

/** Brings one chunk to the vendor, as often as it takes. @returns the object, once it is whole */
async function deliver(
  connection: Connection,
  { signal }: Upload,
  session: string,
  chunk: Chunk,
): Promise<Resource | undefined> {
  const { bytes, start, total } = chunk
  const end = start + bytes.length
  const asking = { 'content-range': `bytes */${total ?? '*'}` }
  /** Absent while only the vendor knows. */
  let stored: number | undefined = start
  return repeated(
    async () => {
      for (;;) {
        const from: number | undefined = stored
        stored = undefined
        const isAsked = from === undefined || from === end
        const headers = isAsked ? asking : chunkHeaders(chunk, from)
        const answer = await put(connection, session, headers, isAsked ? [] : [bytes.subarray(from - start)], signal)
        if (answer.status !== unfinished) return resource.parse(await jsonOf(answer))
        stored = storedIn(answer, { start, end })
        if (stored === end && total === undefined) return undefined
        if (from !== undefined && stored <= from)
          throw new StorageError('Unavailable', 'The vendor takes no more of the upload.')
      }
    },
    { signal },
  )
}

function chunkHeaders({ bytes, start, total, md5 }: Chunk, from: number): Record<string, string> {
  const end = start + bytes.length
  return {
    'content-type': 'application/octet-stream',
    'content-range': `bytes ${from}-${end - 1}/${total ?? '*'}`,
    ...(md5 !== undefined && { 'x-goog-hash': `md5=${base64OfHex(md5)}` }),
  }
}

/** Up to which byte the vendor has the upload; it discards what does not fill 256 KiB. */
function storedIn(answer: Answer, { start, end }: { readonly start: number; readonly end: number }): number {
  passOver(answer.stream)
  const { range } = answer.headers
  const last = /^bytes=0-(\d+)$/.exec(range ?? '')?.[1]
  const stored = last === undefined ? 0 : Number(last) + 1
  if (stored >= start && stored <= end) return stored
  throw new StorageError('Unexpected', 'The vendor lost a part of the upload. Send the file again.')
}

async function put(
  connection: Connection,
  session: string,
  headers: Readonly<Record<string, string>>,
  body: readonly Uint8Array[],
  signal: AbortSignal | undefined,
): Promise<Answer> {
  try {
    return await connection.vendor.exchange({ method: 'PUT', url: session, headers, body, signal })
  } catch (cause) {
    if (!isEnded(cause)) throw cause
    const message = 'The vendor ended the upload before it was whole. Send the file again.'
    throw new StorageError('Conflict', message, { cause })
  }
}

/** Whether an answer says that there is no such upload any more; 499 is the word for one that was cancelled. */
const isEnded = (error: unknown): boolean => [404, 410, 499].includes(statusOf(error) ?? 0)

/** The signal of the upload is no use here: it may be what ended it. */
async function cancel({ vendor, log }: Connection, session: string): Promise<void> {
  try {
    const sent = { method: 'DELETE', url: session, signal: AbortSignal.timeout(cleaning) }
    passOver((await vendor.exchange(sent)).stream)
  } catch (error) {
    if (isEnded(error)) return
    log.warn('A failed upload could not be cancelled; the vendor forgets it within a week.', { error: String(error) })
  }
}
