import { root, StorageError } from '@filegate/core'
import { refusal } from '../access/restricted.ts'
import type { Scope } from '../access/scope.ts'
import type { Backends } from '../backends/backends.ts'
import { jsonType } from '../errors.ts'
import { problem } from '../http/problem.ts'
import { checkSameOrigin } from '../http/same-origin.ts'
import type { Incoming } from '../http/read-request.ts'
import type { Journal } from '../journal/journal.ts'
import type { Reply } from '../http/reply.ts'
import type { Services } from '../services.ts'
import type { Settings } from '../settings.ts'
import type { Trash } from '../trash/trash.ts'

/** A request that is not about one file: to manage backends, or to see the whole journal. */
export interface Administration {
  readonly incoming: Incoming
  readonly scope: Scope
  readonly backends: Backends | undefined
  readonly journal?: Journal | undefined
  readonly trash?: Trash | undefined
  readonly settings: Settings
  readonly services: Services
  readonly reply: Reply
}

/**
 * The backends, for whoever may manage them: the server was started for it, and the caller may change everything.
 * @throws StorageError with status 403, or 401 when logging in may help
 */
export function administered({ backends, scope, incoming }: Administration, kind: 'look' | 'change'): Backends {
  if (!backends) {
    const message = 'Backends are switched off; the server must be started with --allow-remote.'
    throw problem('AccessDenied', { code: 'REMOTE_DISABLED' }, message)
  }
  if (scope.level(root) !== 'write') {
    if (scope.user === null) throw refusal(scope, root)
    throw new StorageError('AccessDenied', 'Backends are managed by accounts that may change everything (:rw on /).')
  }
  if (kind === 'change') checkSameOrigin(incoming)
  return backends
}

/** Nothing of it is kept by browsers and proxies. */
export function json(reply: Reply, status: number, value: object): Response {
  return reply(status, { 'content-type': jsonType, 'cache-control': 'no-store' }, JSON.stringify(value))
}
