import { StorageError } from '@filegate/core'
import { listBuckets } from './buckets.ts'
import type { Connection } from './connection.ts'
import { statusOf } from './errors.ts'
import { hasBucket } from './head.ts'

/** Milliseconds until a service counts as one that does not answer. */
const patience = 30_000
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
    if (!isKnownLogin(connection, error)) throw error
    connection.log.warn('The service answers, but the login may not list buckets.')
  }
}

async function ask(connection: Connection, signal: AbortSignal): Promise<void> {
  if (connection.project === '') await hasBucket(connection, anyBucket, { signal })
  else await listBuckets(connection, { limit: 1, signal })
}

/** Nobody is refused in the same words as a wrong login, and that is no error when there is none. */
function isKnownLogin({ options }: Connection, error: unknown): boolean {
  const isApi = typeof error === 'object' && error !== null && Reflect.get(error, 'isApi') === true
  const status = statusOf(error)
  return isApi && (status === 403 || (status === 401 && options.anonymous))
}
