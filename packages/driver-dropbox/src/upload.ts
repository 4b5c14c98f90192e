import { type Digest, newDigest } from '@filegate/core'
import type { BodyFeed } from '@filegate/core/http-body'
import { z } from 'zod'
import { type Commit, commitInfo, expectArrived, type StoredCommit } from './commit.ts'
import { type Connection, until } from './connection.ts'
import { fileMetadata, type FileMetadata } from './metadata.ts'
import { repeat } from './repeat.ts'
import { member } from './member.ts'
import { innermost, tagsOf } from './tags.ts'

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
  const arrived = (written: unknown): FileMetadata =>
    expectArrived({ path: commit.path, size: feed.given, hash: whole.finish() }, fileMetadata.parse(written))
  if (first.isLast) return arrived(await uploadWhole(connection, commit, first, signal))
  const session = await startSession(connection, first, { close: false, signal })
  for (let offset = first.bytes.length; ; ) {
    const piece = await nextPiece(connection, feed, whole)
    if (piece.isLast) return arrived(await finishSession(connection, commit, { session, offset, piece, signal }))
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
  { vendor }: Connection,
  commit: Commit,
  { bytes, hash }: Piece,
  signal: Signal,
): Promise<unknown> {
  const sent = { ...commitInfo(commit), content_hash: hash, contents: bytes }
  const mayRepeat = commit.mode['.tag'] === 'overwrite'
  const { result } = await repeat(() => vendor.api.filesUpload(sent, until(signal)), { signal, mayRepeat })
  return result
}

const started = z.object({ session_id: z.string() })

async function startSession(
  { vendor }: Connection,
  { bytes, hash }: Piece,
  { close, signal }: { readonly close: boolean; readonly signal: Signal },
): Promise<string> {
  const sent = { close, content_hash: hash, contents: bytes }
  const { result } = await repeat(() => vendor.api.filesUploadSessionStart(sent, until(signal)), { signal })
  return started.parse(result).session_id
}

interface Part {
  readonly session: string
  readonly offset: number
  readonly piece: Piece
  readonly signal: Signal
}

async function appendPiece({ vendor }: Connection, { session, offset, piece, signal }: Part): Promise<void> {
  const { bytes, hash, isLast } = piece
  const cursor = { session_id: session, offset }
  const sent = { cursor, close: isLast, content_hash: hash, contents: bytes }
  try {
    await repeat(() => vendor.api.filesUploadSessionAppendV2(sent, until(signal)), { signal })
  } catch (error) {
    if (!isStoredAlready(error, piece, offset)) throw error
  }
}

/**
 * Whether an append that was made again had worked the first time, when only its answer was lost. One that closes the session
 * shows by that; what is in there is checked when it is finished.
 */
function isStoredAlready(error: unknown, { bytes, isLast }: Piece, offset: number): boolean {
  const tags = tagsOf(error)
  if (isLast) return /(?:^|\/)closed$/.test(tags)
  return tags.endsWith('incorrect_offset') && member(innermost(error), 'correct_offset') === offset + bytes.length
}

/** A session that was finished is gone, so where the answer is lost there is nothing to try again. */
async function finishSession(
  { vendor }: Connection,
  commit: Commit,
  { session, offset, piece, signal }: Part,
): Promise<unknown> {
  const { bytes, hash } = piece
  const cursor = { session_id: session, offset }
  const sent = { cursor, commit: commitInfo(commit), content_hash: hash, contents: bytes }
  const { result } = await repeat(() => vendor.api.filesUploadSessionFinish(sent, until(signal)), {
    signal,
    mayRepeat: false,
  })
  return result
}
