import { StorageError } from '@filegate/core'
import { statusOf } from '@filegate/google-login'
import { listBuckets } from './buckets.ts'
import type { Connection } from './connection.ts'
import { isOfApi, notGcs } from './errors.ts'
import { askOfBucket } from './head.ts'

/** Milliseconds until a service counts as one that does not answer. */
const patience = 30_000
/** What any server may say to a request that it does not know, in its own words. */
const strange: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 406, 410, 411, 415])
/** Nothing is to be found out about this bucket but that the service answers for it. */
const anyBucket = 'filegate-connection-check'

/**
 * Proves with one call that the service takes the login. A login that is known but may not list is good enough.
 * @throws StorageError that says in plain words what to look at
 */
export async function proveAccess(connection: Connection, signal: AbortSignal | undefined): Promise<void> {
  const deadline = AbortSignal.timeout(patience)
  const within = signal ? AbortSignal.any([signal, deadline]) : deadline
  try {
    await ask(connection, within)
  } catch (error) {
    if (deadline.aborted && !signal?.aborted) {
      throw new StorageError('TimedOut', `The endpoint did not answer within ${patience / 1000} s.`, { cause: error })
    }
    const status = statusOf(error)
    if (!isOfApi(error) && status !== undefined && strange.has(status)) {
      throw new StorageError('InvalidArgument', notGcs, { cause: error })
    }
    if (!isOfApi(error) || !isKnownLogin(connection, status)) throw error
    if (status === 403) connection.log.warn('The service answers, but the login may not list buckets.')
  }
}

async function ask(connection: Connection, signal: AbortSignal): Promise<void> {
  if (connection.project === '') await askOfBucket(connection, anyBucket, { signal })
  else await listBuckets(connection, { limit: 1, signal })
}

/** Nobody is refused in the same words as a wrong login, and that is no error where there is none. */
function isKnownLogin({ options, project }: Connection, status: number | undefined): boolean {
  if (status === 401) return options.anonymous
  return status === 403 || (status === 404 && project === '')
}
