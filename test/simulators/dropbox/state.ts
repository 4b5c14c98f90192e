import { randomBytes } from 'node:crypto'
import { type CloudTree, createCloudTree } from '../cloud-tree/cloud-tree.ts'
import type { Account } from './accounts.ts'
import type { Cursor } from './cursors.ts'
import type { FailurePlan } from './failures.ts'
import type { SharedLink, TemporaryLink } from './link-store.ts'
import type { TokenDirectory } from './token-directory.ts'
import type { Session } from './session.ts'
import type { files } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'

export interface Limits {
  /** Entries of a page of files/list_folder when nobody asks for fewer. */
  page: number
  /** Bytes of one request. */
  request: number
  /** Milliseconds for each second that a longpoll is to wait. */
  longpollSecond: number
  /** How often a job of finish_batch is asked for until it is done. */
  jobPolls: number
}

export interface Job {
  polls: number
  readonly result: files.UploadSessionFinishBatchResult
}

/** Everything that the service remembers. */
export interface State {
  readonly tree: CloudTree
  readonly accounts: Account[]
  readonly tokens: TokenDirectory
  /** Which folder a namespace is. */
  readonly namespaces: Map<string, string>
  readonly cursors: Map<string, Cursor>
  readonly sessions: Map<string, Session>
  /** By URL without its query. */
  readonly links: Map<string, SharedLink>
  readonly temporaryLinks: Map<string, TemporaryLink>
  readonly jobs: Map<string, Job>
  readonly failures: FailurePlan
  readonly limits: Limits
  /** Bytes that the account, or the team, may use. */
  allocated: number
  /** The folder of the tree that holds shared folders that nobody mounted, and one for files that strangers share. */
  readonly unmounted: string
  readonly received: string
  /** How the parents of an entry are written in `path_display`; only its last part is promised. */
  readonly parentCasing: 'canonical' | 'lower'
  /** Whether names may hold what is outside of the Basic Multilingual Plane. */
  readonly emoji: boolean
}

let made = 0

/** Ids as the service writes them. Those of revisions grow, so that they tell which is newer. */
export function makeId(kind: 'file' | 'folder' | 'revision'): string {
  if (kind !== 'revision') return `id:${randomBytes(17).toString('base64url').slice(0, 22)}`
  made += 1
  return `0165${made.toString(16).padStart(9, '0')}00000002f3a1b2c0`
}

export const newTree = (root: string, now?: () => number): CloudTree =>
  createCloudTree({ caseSensitive: false, duplicates: false, makeId, root: { id: root }, ...(now && { now }) })

/** Bytes in use; what was deleted does not count. */
export function usedSpace({ tree }: State): number {
  let used = 0
  for (const root of tree.roots) {
    const quota = tree.quota(root)
    used += quota.used - quota.trashed
  }
  return used
}
