import type { FileHandle } from 'node:fs/promises'
import { StorageError } from '@filegate/core'
import { created } from './answers.ts'
import { asDiskProblem } from './disk-problem.ts'
import { findUpload } from './find-upload.ts'
import { layAside } from './lay-aside.ts'
import { checkTarget, publish } from './publish.ts'
import { tooLarge, tusProblem } from './tus-problem.ts'
import { fileChunks, openBytes, readBytes } from './upload-bytes.ts'
import { isComplete, type UploadState } from './upload-state.ts'
import type { Uploading } from './uploading.ts'

/**
 * Makes one upload of complete parts, in order, and puts it in its place. The bytes of the others are added to those of the first, so
 * that these need not be copied; until it is remembered that they belong together, nothing but the length of that file has changed.
 */
export async function joinUploads(uploading: Uploading, state: UploadState, ids: readonly string[]): Promise<Response> {
  const { parts } = uploading
  for (const id of ids) await findUpload(uploading, id)
  const release = await parts.turns.hold([...new Set(ids)])
  try {
    const pieces = await Promise.all(ids.map((id) => findUpload(uploading, id)))
    const before = await joinedBefore(uploading, state, pieces)
    const joined = before ?? (await join(uploading, state, pieces))
    return created(uploading, await publish(uploading, joined), false)
  } finally {
    release()
  }
}

/** A client that did not hear the answer asks again. The process may have died while it remembered what belongs to what. */
async function joinedBefore(
  uploading: Uploading,
  { concat }: UploadState,
  pieces: readonly UploadState[],
): Promise<UploadState | undefined> {
  const [id, ...more] = new Set(pieces.map(({ joinedTo }) => joinedTo).filter((joinedTo) => joinedTo !== undefined))
  if (id === undefined) return undefined
  const joined = await findUpload(uploading, id)
  if (joined.concat === concat && more.length === 0) return joined
  throw tusProblem('UPLOAD_EXPIRED', 'Some of these parts have become part of another upload already.')
}

async function join(uploading: Uploading, state: UploadState, pieces: readonly UploadState[]): Promise<UploadState> {
  const { parts, owner } = uploading
  checkPieces(pieces)
  const length = pieces.reduce((sum, { offset }) => sum + offset, 0)
  const most = parts.settings.maxBodySize
  if (most !== undefined && length > most) throw tooLarge(most)
  const [first] = pieces
  if (!first) throw new StorageError('InvalidArgument', 'An upload needs at least one part.')
  if (state.target) await checkTarget(uploading, state.target, state.conditions)
  await append(first, pieces.slice(1), parts.settings.sync)
  const joined: UploadState = { ...state, place: first.place, length, offset: length }
  await parts.store.save(owner, joined, true)
  for (const piece of new Map(pieces.map((each) => [each.id, each])).values()) {
    const place = piece.place === first.place ? '' : piece.place
    await layAside(parts.store, owner, { ...piece, place, outcome: 'joined', joinedTo: joined.id })
  }
  return joined
}

/** @throws StorageError `InvalidArgument` */
function checkPieces(pieces: readonly UploadState[]): void {
  if (pieces.some(({ kind }) => kind !== 'partial')) {
    throw new StorageError('InvalidArgument', "Only uploads that were made with 'Upload-Concat: partial' are joined.")
  }
  if (pieces.every(isComplete)) return
  throw new StorageError('InvalidArgument', 'Some of these parts have not come completely yet.')
}

async function append(first: UploadState, others: readonly UploadState[], isDurable: boolean): Promise<void> {
  const file = await openBytes(first)
  try {
    let position = first.offset
    for (const other of others) position += await copyInto(file, other, position)
    if (isDurable) await file.datasync()
  } catch (error) {
    throw asDiskProblem(error)
  } finally {
    await file.close()
  }
}

async function copyInto(file: FileHandle, piece: UploadState, position: number): Promise<number> {
  const source = await readBytes(piece)
  try {
    const chunks = fileChunks(source, piece.offset)
    let written = 0
    for (let chunk = await chunks.next(); chunk; chunk = await chunks.next()) {
      for (let at = 0; at < chunk.byteLength; ) {
        const { bytesWritten } = await file.write(chunk, at, chunk.byteLength - at, position + written)
        at += bytesWritten
        written += bytesWritten
      }
    }
    return written
  } finally {
    await source.close()
  }
}
