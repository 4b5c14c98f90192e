import { join } from 'node:path'
import { StorageError } from '@filegate/core'
import type { Settings } from '../settings.ts'
import type { PerformingParts } from '../writing/perform.ts'
import { uploadsIn } from './start-sweeping.ts'
import { createTurns } from './turns.ts'
import { createUploadStore } from './upload-store.ts'
import type { UploadParts } from './uploading.ts'

export interface UploadsStart extends PerformingParts {
  readonly settings: Settings
  readonly report: (error: unknown) => void
}

/** What all requests about uploads share. @throws StorageError when the server was not started for it */
export function uploadParts(parts: UploadsStart): UploadParts {
  const { settings, folder } = parts
  if (!settings.allow.upload || !folder) {
    throw new StorageError('AccessDenied', 'Uploading is switched off; the server must be started with --allow-upload.')
  }
  const { dataDirectory } = settings
  if (dataDirectory === undefined) {
    const message = 'Resumable uploads are remembered outside the served folder: start the server with --data-dir.'
    throw new StorageError('AccessDenied', message)
  }
  return {
    settings,
    writing: parts,
    folder,
    store: createUploadStore(join(uploadsIn(dataDirectory), 'states'), settings.sync),
    directory: join(uploadsIn(dataDirectory), 'bytes'),
    turns: createTurns(folder.locks),
    collection: `${settings.pathPrefix}/api/v1/uploads`,
  }
}
