import { StorageError } from '@filegate/core'
import { repeating } from '@filegate/core/http-body'
import { z } from 'zod'
import { askForItem, type Connection, itemIn } from './connection.ts'
import { classify, isMissing, isOutOfStep, isSessionOver } from './errors.ts'
import { type OneDriveItem, timesOf } from './item.ts'
import { jsonIn, strangeAnswer } from './json-answer.ts'
import { refusalOf } from './refusal.ts'
import type { Upload } from './upload.ts'

/** Milliseconds that cleaning up after a failure may take. */
const cleaning = 30_000
/** Bytes that an answer may have. */
const longest = 1_048_576

const repeated = repeating('onedrive', classify)

/** What is uploaded: pieces whose length is a multiple of 320 KiB, but for the last. */
export interface Pieces {
  readonly first: Uint8Array
  readonly total: number
  next(): Promise<Uint8Array | undefined>
}

/** A piece, and where in the file it begins. */
interface Fragment {
  readonly bytes: Uint8Array
  readonly start: number
  readonly total: number
}

/**
 * Uploads fragment by fragment: https://learn.microsoft.com/graph/api/driveitem-createuploadsession. What breaks off goes on at the
 * byte that the service expects next. The file appears when all is there; a failure leaves nothing.
 */
export async function uploadInFragments(connection: Connection, upload: Upload, pieces: Pieces): Promise<OneDriveItem> {
  const session = await begin(connection, upload)
  try {
    let bytes: Uint8Array | undefined = pieces.first
    for (let start = 0; ; start += bytes.length, bytes = await pieces.next()) {
      if (!bytes) throw new StorageError('Unexpected', 'OneDrive did not take the upload to its end.')
      const done = await deliver(connection, upload, session, { bytes, start, total: pieces.total })
      if (done) return done
      upload.progressed?.()
    }
  } catch (error) {
    await cancel(connection, session)
    throw error
  }
}

const begun = z.object({ uploadUrl: z.url() })

/** @returns the address of the session, which is as good as a password for it */
async function begin({ graph }: Connection, upload: Upload): Promise<string> {
  const { path, conflict, onlyIf, modified, signal } = upload
  const item = {
    '@microsoft.graph.conflictBehavior': conflict,
    ...(modified !== undefined && timesOf(modified)),
  }
  const headers = onlyIf === undefined ? {} : { 'if-match': onlyIf }
  const call = { method: 'POST', path: `${path}/createUploadSession`, headers, body: { item }, signal } as const
  return begun.parse(await repeated(() => graph.json(call), { signal })).uploadUrl
}

/** Brings one fragment to the service, as often as it takes. @returns the item, once it is whole */
async function deliver(
  connection: Connection,
  upload: Upload,
  session: string,
  fragment: Fragment,
): Promise<OneDriveItem | undefined> {
  const { signal } = upload
  const { bytes, start, total } = fragment
  const end = start + bytes.length
  /** The next byte that the service expects; absent while only it knows. */
  let expected: number | undefined = start

  async function attempt(): Promise<OneDriveItem | undefined> {
    expected ??= await expectedBy(connection, session, signal)
    while (expected < end) {
      if (expected < start) throw lost()
      const from: number = expected
      expected = undefined
      const answer = await put(connection, session, { bytes: bytes.subarray(from - start), start: from, total }, signal)
      if (answer.isWhole && end !== total) throw new StorageError('Unexpected', strangeAnswer)
      if (answer.isWhole) return itemIn(answer.said, upload.drive, connection.options)
      expected = nextIn(answer.said) ?? end
      if (expected <= from) throw new StorageError('Unavailable', 'OneDrive takes no more of the upload.')
    }
    return undefined
  }
  return repeated(
    async () => {
      try {
        return await attempt()
      } catch (error) {
        if (isOutOfStep(error)) throw new StorageError('Unavailable', 'OneDrive expects other bytes.', { cause: error })
        if (!isSessionOver(error)) throw error
        // Of the last fragment, perhaps only the answer was lost.
        const written = end === total ? await writtenMeanwhile(connection, upload, total) : undefined
        if (written) return written
        const message = 'OneDrive ended the upload before it was whole. Send the file again.'
        throw new StorageError('Conflict', message, { cause: error })
      }
    },
    { signal },
  )
}

const lost = (): StorageError =>
  new StorageError('Conflict', 'OneDrive lost a part of the upload. Send the file again.')

interface Told {
  readonly isWhole: boolean
  readonly said: unknown
}

/** Without the login, which the service refuses there. */
async function put(
  { fetch }: Connection,
  session: string,
  { bytes, start, total }: Fragment,
  signal: AbortSignal | undefined,
): Promise<Told> {
  const response = await fetch(session, {
    method: 'PUT',
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(bytes.length),
      'content-range': `bytes ${start}-${start + bytes.length - 1}/${total}`,
    },
    body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    redirect: 'manual',
    signal: signal ?? null,
  })
  if (!response.ok) throw await refusalOf(response, 'bytes')
  return { isWhole: response.status !== 202, said: await jsonIn(response, { longest, signal }) }
}

async function expectedBy({ fetch }: Connection, session: string, signal: AbortSignal | undefined): Promise<number> {
  const response = await fetch(session, { redirect: 'manual', signal: signal ?? null })
  if (!response.ok) throw await refusalOf(response, 'bytes')
  const expected = nextIn(await jsonIn(response, { longest, signal }))
  if (expected !== undefined) return expected
  throw new StorageError('Unexpected', 'OneDrive does not say how much of the upload it has.')
}

const progress = z.object({ nextExpectedRanges: z.array(z.string()).nullish() })

/** The first byte that the service lacks. */
function nextIn(said: unknown): number | undefined {
  const [range] = progress.safeParse(said).data?.nextExpectedRanges ?? []
  const first = /^(\d+)/.exec(range ?? '')?.[1]
  return first === undefined ? undefined : Number(first)
}

/** The item, where the upload got through although nobody heard of it. */
async function writtenMeanwhile(
  connection: Connection,
  { path, drive, before, signal }: Upload,
  total: number,
): Promise<OneDriveItem | undefined> {
  try {
    const item = await askForItem(connection, drive, { method: 'GET', path, signal })
    const isNew = item.eTag !== undefined && item.eTag !== before
    return isNew && item.facts.kind === 'file' && item.facts.size === total ? item : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** The signal of the upload is no use here: it may be what ended it. */
async function cancel({ fetch, log }: Connection, session: string): Promise<void> {
  try {
    const response = await fetch(session, { method: 'DELETE', signal: AbortSignal.timeout(cleaning) })
    await response.body?.cancel()
    if (!response.ok && response.status !== 404) throw new Error(`It answered ${response.status}.`)
  } catch (error) {
    log.warn('A failed upload could not be cancelled; OneDrive forgets it by itself.', { error: String(error) })
  }
}
