import { shown } from './answers.ts'
import { findUpload } from './find-upload.ts'
import { publish } from './publish.ts'
import { isComplete, type UploadState } from './upload-state.ts'
import type { Uploading } from './uploading.ts'

/** HEAD tells how far an upload has come. */
export async function showUpload(uploading: Uploading, id: string): Promise<Response> {
  await uploading.parts.turns.settle(id)
  const state = await findUpload(uploading, id)
  const isWaiting = isComplete(state) && state.outcome === undefined && state.target !== undefined
  const last = isWaiting ? await putInPlace(uploading, id) : state
  return uploading.reply(200, shown(last), null)
}

/**
 * All bytes are there and the file is not in its place: the process died in between, say, or somebody was at that place. To the client it
 * would look finished.
 */
async function putInPlace(uploading: Uploading, id: string): Promise<UploadState> {
  const release = await uploading.parts.turns.hold([id])
  try {
    return await publish(uploading, await findUpload(uploading, id))
  } finally {
    release()
  }
}
