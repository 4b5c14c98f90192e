import { type Digest, newDigest } from '@filegate/core'
import type { BodyFeed } from '@filegate/core/http-body'
import { z } from 'zod'
import { type Commit, commitInfo, expectArrived, type StoredCommit } from './commit.ts'
import { type Connection, until } from './connection.ts'
import { fileMetadata, type FileMetadata } from './metadata.ts'
import { repeat } from './repeat.ts'
import { committedFile, correctOffset, isGone } from './session-end.ts'
import { tagsOf } from './tags.ts'

/** Bytes held in memory to be sent in one request, with the digest that goes with them. */
interface Piece {
  readonly bytes: Uint8Array
  readonly hash: string
  readonly isLast: boolean
}

type Signal = AbortSignal | undefined

/** A file that is finished by itself: in one request what fits into a piece, in a session what does not. */
export async function uploadFile(
  connection: Connection,
  commit: Commit,
  feed: BodyFeed,
  signal: Signal,
): Promise<FileMetadata> {
  const whole = newDigest('dropbox')
  const first = await nextPiece(connection, feed, whole)
  if (first.isLast) {
    const written = await uploadWhole(connection, commit, first, signal)
    return expectArrived({ path: commit.path, size: feed.given, hash: whole.finish() }, written)
  }
  const session = await startSession(connection, first, { close: false, signal })
  for (let offset = first.bytes.length; ; ) {
    const piece = await nextPiece(connection, feed, whole)
    if (piece.isLast) {
      const last = { session, offset, piece, signal, whole: whole.finish() }
      return expectArrived(
        { path: commit.path, size: feed.given, hash: last.whole },
        await finishSession(connection, commit, last),
      )
    }
    await appendPiece(connection, { session, offset, piece, signal })
    offset += piece.bytes.length
  }
}

/** Content that becomes a file later, with others. */
export async function storeContent(
  connection: Connection,
  commit: Commit,
  feed: BodyFeed,
  signal: Signal,
): Promise<StoredCommit> {
  const whole = newDigest('dropbox')
  let piece = await nextPiece(connection, feed, whole)
  const session = await startSession(connection, piece, { close: piece.isLast, signal })
  for (let offset = piece.bytes.length; !piece.isLast; offset += piece.bytes.length) {
    piece = await nextPiece(connection, feed, whole)
    await appendPiece(connection, { session, offset, piece, signal })
  }
  return { ...commit, session, size: feed.given, hash: whole.finish() }
}

async function nextPiece({ options }: Connection, feed: BodyFeed, whole: Digest): Promise<Piece> {
  const own = newDigest('dropbox')
  const bytes = await feed.fill(options.chunk_size, (part) => {
    own.update(part)
    whole.update(part)
  })
  return { bytes: bytes ?? new Uint8Array(), hash: own.finish(), isLast: !(await feed.hasMore()) }
}

/** A commit that is only to be made over nothing, or over one revision, would be in conflict with itself the second time. */
async function uploadWhole(
  connection: Connection,
  commit: Commit,
  { bytes, hash }: Piece,
  signal: Signal,
): Promise<FileMetadata> {
  const { api } = connection.vendor
  const sent = { ...commitInfo(commit), content_hash: hash, contents: bytes }
  const mayRepeat = commit.mode['.tag'] === 'overwrite'
  const { result } = await repeat(connection, () => api.filesUpload(sent, until(signal)), { signal, mayRepeat })
  return fileMetadata.parse(result)
}

const started = z.object({ session_id: z.string() })

async function startSession(
  connection: Connection,
  { bytes, hash }: Piece,
  { close, signal }: { readonly close: boolean; readonly signal: Signal },
): Promise<string> {
  const sent = { close, content_hash: hash, contents: bytes }
  const { api } = connection.vendor
  const { result } = await repeat(connection, () => api.filesUploadSessionStart(sent, until(signal)), { signal })
  return started.parse(result).session_id
}

interface Part {
  readonly session: string
  readonly offset: number
  readonly piece: Piece
  readonly signal: Signal
}

async function appendPiece(connection: Connection, { session, offset, piece, signal }: Part): Promise<void> {
  const { bytes, hash, isLast } = piece
  const cursor = { session_id: session, offset }
  const sent = { cursor, close: isLast, content_hash: hash, contents: bytes }
  try {
    await repeat(connection, () => connection.vendor.api.filesUploadSessionAppendV2(sent, until(signal)), { signal })
  } catch (error) {
    if (!isStoredAlready(error, piece, offset)) throw error
  }
}

/**
 * Whether an append that was made again had worked the first time, when only its answer was lost. One that closes the session
 * shows by that; what is in there is checked when it is finished.
 */
function isStoredAlready(error: unknown, { bytes, isLast }: Piece, offset: number): boolean {
  return isLast ? /(?:^|\/)closed$/.test(tagsOf(error)) : correctOffset(error) === offset + bytes.length
}

interface LastPart extends Part {
  /** The digest of the whole content. */
  readonly whole: string
}

/**
 * Sends the last bytes and makes the file. Where that fails, the vendor may have the bytes all the same, so that only the file is
 * left to be made, or even has made the file.
 */
async function finishSession(
  connection: Connection,
  commit: Commit,
  { session, offset, piece, signal, whole }: LastPart,
): Promise<FileMetadata> {
  const end = offset + piece.bytes.length
  const last = { cursor: { session_id: session, offset }, content_hash: piece.hash, contents: piece.bytes }
  const nothing = { cursor: { session_id: session, offset: end }, contents: new Uint8Array() }
  let rest: typeof last | typeof nothing = last
  async function finish(): Promise<FileMetadata> {
    const sent = { ...rest, commit: commitInfo(commit) }
    return fileMetadata.parse((await connection.vendor.api.filesUploadSessionFinish(sent, until(signal))).result)
  }
  async function finishRest(tries: number): Promise<FileMetadata> {
    try {
      return await finish()
    } catch (error) {
      if (rest === last && correctOffset(error) === end) {
        rest = nothing
        return finishRest(tries)
      }
      const written = tries > 1 && isGone(error) ? await committedFile(connection, commit, whole) : undefined
      if (written) return written
      throw error
    }
  }
  return repeat(connection, finishRest, { signal })
}
