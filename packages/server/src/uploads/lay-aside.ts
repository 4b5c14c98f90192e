import { removeBytes } from './upload-bytes.ts'
import type { UploadState } from './upload-state.ts'
import type { Owner, UploadStore } from './upload-store.ts'

/** Ends an upload that has an outcome. Its bytes go after that is remembered, and before it is out of sight: so none are forgotten. */
export async function layAside(store: UploadStore, owner: Owner, state: UploadState): Promise<void> {
  await store.save(owner, state, false)
  await removeBytes(state)
  await store.end(owner, state.id)
}
