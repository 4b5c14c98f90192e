import { StorageError } from '@filegate/core'
import { statusOf } from '@filegate/google-login'
import { jsonOf } from './answers.ts'
import type { Connection } from './connection.ts'
import { kept } from './find-files.ts'
import type { Resource } from './resource.ts'
import type { UploadBody } from './upload-body.ts'
import { repeated, type Upload, uploadHeaders, uploadMethod, uploadUrl } from './uploading.ts'
import { unfinished } from './vendor.ts'

/** Milliseconds that cleaning up after a failure may take. */
const cleaning = 30_000

/** A piece of a body, where it begins, and how long all of it is once that is known. */
interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly start: number
  readonly total?: number | undefined
}

interface Parts {
  readonly body: UploadBody
  readonly first: Uint8Array<ArrayBuffer>
  /** Runs when all has been read and before the last chunk makes the file appear; what it throws ends the upload. */
  readonly beforeLast: () => Promise<void>
}

/**
 * Uploads a body chunk by chunk: https://developers.google.com/workspace/drive/api/guides/manage-uploads#resumable. What
 * breaks off goes on at the byte up to which the vendor has it. The file appears when all is there; a failure leaves nothing.
 */
export async function uploadInChunks(connection: Connection, upload: Upload, parts: Parts): Promise<Resource> {
  const { body, beforeLast } = parts
  const { chunk_size: chunkSize } = connection.options
  const session = await begin(connection, upload)
  try {
    let bytes = parts.first
    for (let start = 0; ; start += chunkSize) {
      const isLast = bytes.length < chunkSize || (await body.isOver())
      if (isLast) await beforeLast()
      const done = await deliver(connection, upload, session, { bytes, start, ...(isLast && { total: body.given }) })
      if (done && isLast) return done
      if (done || isLast) throw new StorageError('Unexpected', 'Google did not take the upload to its end.')
      bytes = await body.next(chunkSize)
    }
  } catch (error) {
    await cancel(connection, session)
    throw error
  }
}

/** @returns the address of the session, which is as good as a password for it */
async function begin(connection: Connection, upload: Upload): Promise<string> {
  const { signal, contentType } = upload
  const sent = {
    method: uploadMethod(upload),
    url: uploadUrl(connection, upload, 'resumable'),
    headers: {
      ...uploadHeaders(connection, upload),
      'content-type': 'application/json; charset=utf-8',
      'x-upload-content-type': contentType,
    },
    body: new TextEncoder().encode(JSON.stringify(upload.metadata)),
    signal,
  }
  const answer = await repeated(() => connection.vendor.exchange(sent), { signal })
  await answer.body?.cancel()
  const location = answer.headers.get('location')
  if (location === null) throw new StorageError('Unexpected', 'Google began an upload without a place for it.')
  return new URL(location, sent.url).href
}

/** Brings one chunk to the vendor, as often as it takes. @returns the file, once it is whole */
async function deliver(
  connection: Connection,
  { signal }: Upload,
  session: string,
  chunk: Chunk,
): Promise<Resource | undefined> {
  const { bytes, start, total } = chunk
  const end = start + bytes.length
  /** Absent while only the vendor knows. */
  let stored: number | undefined = start
  return repeated(
    async () => {
      for (;;) {
        const from: number | undefined = stored
        stored = undefined
        const isAsked = from === undefined || from === end
        const range = isAsked ? `bytes */${total ?? '*'}` : `bytes ${from}-${end - 1}/${total ?? '*'}`
        const answer = await put(connection, session, range, isAsked ? undefined : bytes.subarray(from - start), signal)
        if (answer.status !== unfinished) return kept(connection, await jsonOf(answer))
        await answer.body?.cancel()
        stored = storedIn(answer, { start, end })
        if (stored === end && total === undefined) return undefined
        if (from !== undefined && stored <= from) {
          throw new StorageError('Unavailable', 'Google takes no more of the upload.')
        }
      }
    },
    { signal },
  )
}

/** Up to which byte the vendor has the upload; it discards what does not fill 256 KiB. */
function storedIn(answer: Response, { start, end }: { readonly start: number; readonly end: number }): number {
  const last = /^bytes=0-(\d+)$/.exec(answer.headers.get('range') ?? '')?.[1]
  const stored = last === undefined ? 0 : Number(last) + 1
  if (stored >= start && stored <= end) return stored
  throw new StorageError('Unexpected', 'Google lost a part of the upload. Send the file again.')
}

async function put(
  { vendor }: Connection,
  url: string,
  range: string,
  body: Uint8Array<ArrayBuffer> | undefined,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const headers = { 'content-range': range, ...(!body && { 'content-length': '0' }) }
  try {
    return await vendor.exchange({ method: 'PUT', url, headers, body, signal, expected: [unfinished] })
  } catch (cause) {
    if (!isEnded(cause)) throw cause
    const message = 'Google ended the upload before it was whole. Send the file again.'
    throw new StorageError('Conflict', message, { cause })
  }
}

/** Whether an answer says that there is no such upload any more; 499 is the word for one that was cancelled. */
const isEnded = (error: unknown): boolean => [404, 410, 499].includes(statusOf(error) ?? 0)

/** The signal of the upload is no use here: it may be what ended it. */
async function cancel({ vendor, log }: Connection, url: string): Promise<void> {
  try {
    const answer = await vendor.exchange({
      method: 'DELETE',
      url,
      signal: AbortSignal.timeout(cleaning),
      expected: [499],
    })
    await answer.body?.cancel()
  } catch (error) {
    if (isEnded(error)) return
    log.warn('A failed upload could not be cancelled; Google forgets it within a week.', { error: String(error) })
  }
}
