import { findUpload } from './find-upload.ts'
import { removeBytes } from './upload-bytes.ts'
import type { Uploading } from './uploading.ts'

/** DELETE ends an upload. A file that has taken its place stays. */
export async function endUpload(uploading: Uploading, id: string): Promise<Response> {
  const { parts, owner, reply } = uploading
  await findUpload(uploading, id)
  const release = await parts.turns.hold([id])
  try {
    const state = await findUpload(uploading, id)
    if (state.outcome === undefined) await removeBytes(state)
    await parts.store.forget(owner, id)
  } finally {
    release()
  }
  return reply(204, { 'cache-control': 'no-store' }, null)
}
