import { StorageError } from '@filegate/core'
import { progress } from './answers.ts'
import { findUpload } from './find-upload.ts'
import { publish } from './publish.ts'
import { takeIn } from './take-in.ts'
import { byteCount, tusType } from './tus.ts'
import { tooLarge, tusProblem } from './tus-problem.ts'
import { isComplete, type UploadState } from './upload-state.ts'
import type { Uploading } from './uploading.ts'

/** PATCH adds bytes to an upload, and puts it in its place when they were the last. */
export async function continueUpload(uploading: Uploading, id: string): Promise<Response> {
  const { parts, incoming, reply } = uploading
  const type = incoming.header('content-type')?.trim().toLowerCase()
  if (type !== tusType) throw tusProblem('UNSUPPORTED_MEDIA_TYPE', `PATCH takes a body of the type ${tusType}.`)
  const offset = byteCount('Upload-Offset', incoming.header('upload-offset') ?? '')
  // Nothing of somebody else's is held.
  await findUpload(uploading, id)
  const release = await parts.turns.hold([id])
  try {
    const state = await findUpload(uploading, id)
    if (state.kind === 'final') throw tusProblem('UPLOAD_FINAL', 'An upload that was made of parts takes no bytes.')
    if (offset !== state.offset) {
      throw tusProblem('OFFSET_MISMATCH', `The upload has come to ${state.offset} bytes, not to ${offset}.`)
    }
    const next = await proceed(uploading, withLength(uploading, state))
    return reply(204, progress(next), null)
  } finally {
    release()
  }
}

async function proceed(uploading: Uploading, state: UploadState): Promise<UploadState> {
  if (state.outcome !== undefined || isComplete(state)) {
    if (uploading.incoming.hasBody) throw complete()
    return publish(uploading, state)
  }
  const next = await takeIn(uploading, state)
  return isComplete(next) ? publish(uploading, next) : next
}

/** The length may come late, and only once. */
function withLength({ incoming, parts }: Uploading, state: UploadState): UploadState {
  const text = incoming.header('upload-length')
  if (text === undefined) return state
  const length = byteCount('Upload-Length', text)
  if (state.length === length) return state
  if (state.length !== undefined || length < state.offset) {
    throw new StorageError(
      'InvalidArgument',
      'The length of an upload is said once, and is not less than what has come.',
    )
  }
  const most = parts.settings.maxBodySize
  if (most !== undefined && length > most) throw tooLarge(most)
  return { ...state, length }
}

const complete = (): StorageError => tusProblem('PAYLOAD_TOO_LARGE', 'All bytes of this upload have come already.')
