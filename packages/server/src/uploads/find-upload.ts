import { tusProblem } from './tus-problem.ts'
import { isIdentifier } from './upload-concat.ts'
import type { UploadState } from './upload-state.ts'
import type { Uploading } from './uploading.ts'

/**
 * What is known of an upload of the caller.
 * @throws StorageError with status 404, or 410 when it has expired
 */
export async function findUpload(
  { parts, owner }: Pick<Uploading, 'parts' | 'owner'>,
  id: string,
): Promise<UploadState> {
  const state = isIdentifier(id) ? await parts.store.find(owner, id) : undefined
  if (!state) throw tusProblem('UPLOAD_NOT_FOUND', 'There is no such upload, or it is not yours.')
  if (state.outcome !== 'expired' && state.expires > Date.now()) return state
  throw tusProblem('UPLOAD_EXPIRED', 'This upload has expired. Start it again with a new one.')
}
