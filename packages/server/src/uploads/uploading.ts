import type { Scope } from '../access/scope.ts'
import type { Incoming } from '../http/read-request.ts'
import type { Reply } from '../http/reply.ts'
import type { Settings } from '../settings.ts'
import type { PerformingParts } from '../writing/perform.ts'
import type { ServedFolder } from '../writing/served-folder.ts'
import type { Turns } from './turns.ts'
import type { Owner, UploadStore } from './upload-store.ts'

/** What all requests about uploads share. */
export interface UploadParts {
  readonly settings: Settings
  readonly writing: PerformingParts
  readonly folder: ServedFolder
  readonly store: UploadStore
  /** For bytes that are not kept in the served folder. */
  readonly directory: string
  readonly turns: Turns
  /** Path of the URL below which uploads are. */
  readonly collection: string
}

/** One request about uploads. Its body has not been touched. */
export interface Uploading {
  readonly parts: UploadParts
  readonly incoming: Incoming
  readonly scope: Scope
  readonly owner: Owner
  readonly reply: Reply
}
